// Draws a chart of HTML marks (`.hw-chart`, reports/charts/components.py) as SVG, for pictures.js: every box, line, shape
// and text at the place where the browser shows it. What a program such as PowerPoint is given is a drawing, no web page.
(() => {
  if (window.headwayMarks) return;

  const NAMESPACE = "http://www.w3.org/2000/svg";
  const INK = "#0F1722";

  const element = (name, attributes, text = "") => {
    const made = document.createElementNS(NAMESPACE, name);
    for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  };

  // What has the colour of the page's text has the picture's. Programs that show drawings know plain colours only: what is
  // mixed (`color(srgb 0.1 0.2 0.3 / 0.7)`) or lets the ground through is given as it looks on white.
  const paint = (colour, page) => {
    if (colour === page) return INK;
    const [red, green, blue, alpha = 1] = (colour.match(/[\d.]+(e-\d+)?/g) ?? [0, 0, 0, 0]).map(Number);
    if (colour === "transparent" || alpha === 0) return null;
    const most = colour.startsWith("color(") ? 1 : 255;
    const onWhite = (part) => Math.round(255 * ((part / most) * alpha + 1 - alpha));
    return `rgb(${onWhite(red)}, ${onWhite(green)}, ${onWhite(blue)})`;
  };

  // Words that are light, as they are on a dark page, have the picture's colour instead.
  const legible = (colour) => {
    const [red, green, blue] = (colour?.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255 > 0.55 ? INK : colour;
  };

  const polygon = (clip, box) => {
    const points = [...clip.matchAll(/([\d.]+)(%|px)?\s+([\d.]+)(%|px)?/g)].map(([, x, ofX, y, ofY]) => [
      box.x + (ofX === "%" ? (x / 100) * box.width : Number(x)), box.y + (ofY === "%" ? (y / 100) * box.height : Number(y)),
    ]);
    return points.map((point) => point.map((each) => each.toFixed(1)).join(",")).join(" ");
  };

  const SIDES = {
    Top: (b) => [b.x, b.y, b.x + b.width, b.y], Bottom: (b) => [b.x, b.y + b.height, b.x + b.width, b.y + b.height],
    Left: (b) => [b.x, b.y, b.x, b.y + b.height], Right: (b) => [b.x + b.width, b.y, b.x + b.width, b.y + b.height],
  };
  const DASHES = { dashed: "5 3", dotted: "2 3" };

  const shapes = (style, box, page) => {
    const made = [];
    const fill = paint(style.backgroundColor, page);
    const sides = Object.keys(SIDES).filter((side) =>
      parseFloat(style[`border${side}Width`]) > 0 && !["none", "hidden"].includes(style[`border${side}Style`]));
    const whole = sides.length === 4;
    const stroke = whole ? paint(style.borderTopColor, page) : null;
    const width = parseFloat(style.borderTopWidth);
    if (style.clipPath.startsWith("polygon") && fill) {
      made.push(element("polygon", { points: polygon(style.clipPath, box), fill }));
    } else if (fill || stroke) {
      const inset = stroke ? width / 2 : 0;
      const radius = style.borderTopLeftRadius.endsWith("%") ? Math.min(box.width, box.height) / 2
        : Math.min(parseFloat(style.borderTopLeftRadius) || 0, box.height / 2);
      made.push(element("rect", {
        x: box.x + inset, y: box.y + inset, width: Math.max(box.width - 2 * inset, 0),
        height: Math.max(box.height - 2 * inset, 0), rx: radius, fill: fill ?? "none", stroke: stroke ?? undefined,
        "stroke-width": stroke ? width : undefined,
      }));
    }
    for (const side of whole ? [] : sides) {
      const [x1, y1, x2, y2] = SIDES[side](box);
      made.push(element("line", {
        x1, y1, x2, y2, stroke: paint(style[`border${side}Color`], page) ?? INK,
        "stroke-width": parseFloat(style[`border${side}Width`]), "stroke-dasharray": DASHES[style[`border${side}Style`]],
      }));
    }
    return made;
  };

  // A text may be broken into lines: each is drawn where its first letter is.
  const lines = (node, origin, page) => {
    const style = getComputedStyle(node.parentElement);
    const range = document.createRange();
    const found = [];
    for (let at = 0; at < node.data.length; at += 1) {
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const box = range.getClientRects()[0];
      if (!box || !box.width) continue;
      const last = found[found.length - 1];
      if (last && Math.abs(last.box.top - box.top) < 2) last.text += node.data[at];
      else found.push({ text: node.data[at], box });
    }
    return found.filter((line) => line.text.trim()).map(({ text, box }) => element("text", {
      x: (box.left - origin.left).toFixed(1), y: (box.top - origin.top + box.height * 0.77).toFixed(1),
      "font-size": parseFloat(style.fontSize), "font-weight": style.fontWeight, fill: legible(paint(style.color, page) ?? INK),
    }, text.trimEnd()));
  };

  const isShown = (node) => {
    const style = getComputedStyle(node);
    return style.display !== "none" && style.visibility !== "hidden";
  };

  // A picture is dark on white whatever the theme: while it is drawn, so is the chart, which nobody sees.
  window.headwayMarks = (chart) => {
    const style = chart.getAttribute("style");
    Object.assign(chart.style, { colorScheme: "light", color: INK });
    try {
      return drawingOf(chart);
    } finally {
      if (style === null) chart.removeAttribute("style");
      else chart.setAttribute("style", style);
    }
  };

  const drawingOf = (chart) => {
    const origin = chart.getBoundingClientRect();
    const page = getComputedStyle(chart).color;
    const drawing = element("svg", {
      xmlns: NAMESPACE, viewBox: `0 0 ${origin.width} ${origin.height}`, width: origin.width, height: origin.height,
      "aria-label": chart.getAttribute("aria-label") ?? "",
    });
    const draw = (node) => {
      if (node.nodeType === Node.TEXT_NODE) drawing.append(...lines(node, origin, page));
      if (node.nodeType !== Node.ELEMENT_NODE || !isShown(node)) return;
      const at = node.getBoundingClientRect();
      const box = { x: at.left - origin.left, y: at.top - origin.top, width: at.width, height: at.height };
      if (node instanceof HTMLImageElement) drawing.append(element("image", { ...box, href: node.src, preserveAspectRatio: "none" }));
      else drawing.append(...shapes(getComputedStyle(node), box, page));
      node.childNodes.forEach(draw);
    };
    chart.childNodes.forEach(draw);
    return drawing;
  };
})();
