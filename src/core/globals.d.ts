/** The one platform global of core: a pure codec that every runtime has, missing from lib.es. */
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
