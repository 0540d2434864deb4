// A grid cuts a pasted text by UTF-16 units but counts its characters, so that behind an emoji each cell lost its last
// letter: 152 became 15. It reads the clipboard itself, and gets a text here that counts as it is cut.
(() => {
  if (window.headwayPasting || !navigator.clipboard?.read) return;
  window.headwayPasting = true;

  const TEXT = "text/plain";
  const read = navigator.clipboard.read.bind(navigator.clipboard);
  const byUnits = (text) => {
    const units = new String(text);
    units.replace = (...given) => byUnits(text.replace(...given)); // it writes line ends anew first
    units[Symbol.iterator] = function* () { for (let at = 0; at < text.length; at++) yield text[at]; };
    return units;
  };
  navigator.clipboard.read = async (...given) => (await read(...given)).map((item) => ({
    types: item.types,
    getType: async (type) => {
      const blob = await item.getType(type);
      return type === TEXT ? { text: async () => byUnits(await blob.text()) } : blob;
    },
  }));
})();
