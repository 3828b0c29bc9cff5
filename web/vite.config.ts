/** Builds one self-contained page: script, style, engine and data in one file, with a policy that allows no network. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const PACKED = ["mnist56", "crt", "r3"];

const generated = (name: string) => readFileSync(new URL(`generated/${name}`, import.meta.url));
const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const asText = (value: string | Uint8Array) => (typeof value === "string" ? value : new TextDecoder().decode(value));

/** Bytes that the page unpacks when it needs them: deflated, in an element of their own. */
function block(id: string, deflated: Uint8Array): string {
  return `<script type="text/plain" id="packed-${id}">${Buffer.from(deflated).toString("base64")}</script>`;
}

function policy(script: string, style: string): string {
  const rules = [
    "default-src 'none'",
    `script-src ${hash(script)} 'wasm-unsafe-eval'`,
    `style-src ${hash(style)}`,
    "worker-src blob:",
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return `<meta http-equiv="Content-Security-Policy" content="${rules.join("; ")}">`;
}

function oneFile(): Plugin {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle(_, bundle) {
      let script = "";
      let style = "";
      for (const [name, item] of Object.entries(bundle)) {
        if (item.type === "chunk") script += item.code;
        else if (name.endsWith(".css")) style += asText(item.source);
        if (!name.endsWith(".html")) Reflect.deleteProperty(bundle, name);
      }
      // What would end the element inside of the script, said otherwise.
      script = script.replaceAll("</script", "<\\/script");
      const page = bundle["index.html"];
      if (page?.type !== "asset") throw new Error("there is no page");
      const data = [
        block("engine", deflateRawSync(generated("engine.wasm"), { level: 9 })),
        ...PACKED.map((name) => block(name, generated(`${name}.bin`))),
      ].join("\n");
      page.source = asText(page.source)
        .replace(/\s*<script type="module"[^>]*><\/script>/, "")
        .replace(/\s*<link rel="(?:stylesheet|modulepreload)"[^>]*>/g, "")
        .replace("<!--policy-->", () => policy(script, style))
        .replace("<!--style-->", () => `<style>${style}</style>`)
        .replace("<!--data-->", () => data)
        .replace("<!--script-->", () => `<script type="module">${script}</script>`);
      page.fileName = "netlet.html";
    },
  };
}

export default defineConfig({
  plugins: [oneFile()],
  base: "./",
  build: {
    target: "es2022",
    cssCodeSplit: false,
    assetsInlineLimit: 1_000_000,
    modulePreload: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
  worker: { format: "iife" },
});
