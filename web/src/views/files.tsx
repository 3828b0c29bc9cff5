/** Saving and opening networks; placeholder until the format is there. */
export function Files() {
  return null;
}
