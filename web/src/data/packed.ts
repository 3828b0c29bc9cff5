/** What the page carries along in elements of its own: the engine and the images, deflated. */
import { sha256 } from "../sha256.ts";

function bytesOf(id: string): Uint8Array<ArrayBuffer> {
  const element = document.getElementById(`packed-${id}`);
  const text = atob(element?.textContent ?? "");
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The bytes of an element, inflated; undefined if there is no such element. */
export async function unpacked(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (!document.getElementById(`packed-${id}`)) return undefined;
  const stream = new Blob([bytesOf(id)]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function engineBytes(): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await unpacked("engine");
  if (!bytes) throw new Error("the page has lost its engine: load it again");
  return bytes;
}

/** The engine, compiled once for the page and all workers. */
export const engineModule = async (): Promise<WebAssembly.Module> => WebAssembly.compile(await engineBytes());

/** SHA-256 of the engine as it was compiled. */
export const engineDigest = async (): Promise<string> => sha256(await engineBytes());

/** Whether this browser runs SIMD instructions: a function of one, as bytes. */
export function hasSimd(): boolean {
  return (
    typeof WebAssembly === "object" &&
    WebAssembly.validate(
      // prettier-ignore
      new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11]),
    )
  );
}
