/** The network's insides in small, moving while it learns. */
export function Glimpse() {
  return null;
}
