// The data of the page: JSON, gzipped, in letters and digits alone, so that no text in it can end the element it
// stands in.

async function unpacked() {
  const packed = atob(byId("data").textContent);
  const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}
