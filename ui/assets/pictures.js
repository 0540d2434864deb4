// Takes a chart off the page as a picture: copied as PNG, or saved as PNG or SVG. A picture is what is pasted into a
// deck: dark on white whatever the theme, with its title, and in the page's font.
//
// Buttons with `data-picture` stand within an element whose `data-picture-of` names the container of the chart, as
// Streamlit's `key` does; `data-title` and `data-note` are written above the chart.
(() => {
  if (window.headwayPictures) return;
  window.headwayPictures = true;

  const NAMESPACE = "http://www.w3.org/2000/svg";
  const INK = "#0F1722", QUIET = "#4B5665", GROUND = "#FFFFFF";
  const MARGIN = 16, TITLE_SIZE = 16, NOTE_SIZE = 12, LINE = 1.35;
  const SHARP = 2;
  const NAME_LENGTH = 60;

  // Buttons without the name of a container are in the same card as their chart, which is one of HTML marks (marks.js), or
  // a table or list with marks in it, which says that it is drawn as a whole.
  const chartOf = (buttons) => buttons.dataset.pictureOf
    ? document.querySelector(`.st-key-${CSS.escape(buttons.dataset.pictureOf)} [data-testid="stVegaLiteChart"] svg`)
    : buttons.closest(".hw-card, .hw-part")?.querySelector(".hw-drawn, .hw-chart");

  const element = (name, attributes, text = "") => {
    const made = document.createElementNS(NAMESPACE, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  };

  // Words in lines that are no wider than the picture.
  const inLines = (text, width, font) => {
    const context = document.createElement("canvas").getContext("2d");
    context.font = font;
    const lines = [];
    for (const word of text.split(/\s+/).filter(Boolean)) {
      const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
      if (lines.length && context.measureText(longer).width <= width) lines[lines.length - 1] = longer;
      else lines.push(word);
    }
    return lines;
  };

  const pictureOf = (buttons, chart, style = "") => {
    const family = getComputedStyle(document.querySelector('[data-testid="stApp"]')).fontFamily;
    const { width, height } = chart.getBoundingClientRect();
    const texts = [
      ...inLines(buttons.dataset.title, width, `600 ${TITLE_SIZE}px ${family}`).map((line) => [line, TITLE_SIZE, 600, INK]),
      ...inLines(buttons.dataset.note, width, `400 ${NOTE_SIZE}px ${family}`).map((line) => [line, NOTE_SIZE, 400, QUIET]),
    ];
    const above = texts.reduce((sum, [, size]) => sum + size * LINE, 0);
    const size = { width: Math.ceil(width + 2 * MARGIN), height: Math.ceil(above + height + 2 * MARGIN) };
    const picture = element("svg", {
      xmlns: NAMESPACE, viewBox: `0 0 ${size.width} ${size.height}`, ...size, color: INK, "font-family": family,
    });
    if (style) picture.append(element("style", {}, style));
    picture.append(element("title", {}, [buttons.dataset.title, chart.getAttribute("aria-label")].filter(Boolean).join(". ")));
    picture.append(element("rect", { width: size.width, height: size.height, fill: GROUND }));
    let y = MARGIN;
    for (const [line, fontSize, weight, fill] of texts) {
      picture.append(element("text", { x: MARGIN, y: y + fontSize, "font-size": fontSize, "font-weight": weight, fill }, line));
      y += fontSize * LINE;
    }
    const copy = chart.matches(".hw-drawn, .hw-chart") ? window.headwayMarks(chart) : chart.cloneNode(true);
    for (const link of copy.querySelectorAll("a")) link.replaceWith(...link.childNodes);
    for (const [key, value] of Object.entries({ x: MARGIN, y, width, height })) copy.setAttribute(key, value);
    copy.removeAttribute("style");
    picture.append(copy);
    // A program that shows pictures need not know `currentColor`.
    const svg = new XMLSerializer().serializeToString(picture).replaceAll("currentColor", INK);
    return { svg, ...size };
  };

  // A picture knows no fonts but those within it. Those of the page are files of our own.
  const fontFaces = async () => {
    const family = getComputedStyle(document.querySelector('[data-testid="stApp"]')).fontFamily.split(",")[0].replaceAll('"', "");
    const rules = [...document.styleSheets].flatMap((sheet) => { try { return [...sheet.cssRules]; } catch { return []; } });
    const faces = rules.filter((rule) => rule instanceof CSSFontFaceRule
      && rule.style.getPropertyValue("font-family").replaceAll('"', "") === family
      && !/italic/.test(rule.style.getPropertyValue("font-style")));
    const texts = await Promise.all(faces.map(async (rule) => {
      const [, url] = /url\("?([^")]+)"?\)/.exec(rule.style.getPropertyValue("src")) ?? [];
      if (!url) return "";
      const answer = await fetch(new URL(url, rule.parentStyleSheet?.href ?? location.href));
      if (!answer.ok) return "";
      return rule.cssText.replace(/src:[^;}]+/, `src: url(${await inBase64(await answer.blob())})`);
    }));
    return texts.join("\n");
  };

  const inBase64 = (blob) => new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });

  const asPng = async (buttons, chart) => {
    const { svg, width, height } = pictureOf(buttons, chart, await fontFaces().catch(() => ""));
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: width * SHARP, height: height * SHARP });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  };

  const save = (blob, buttons, ending) => {
    const name = buttons.dataset.title.normalize("NFKD").replace(/[^\w]+/g, "-").replace(/^-|-$/g, "").toLowerCase();
    const link = document.createElement("a");
    link.download = `${name.slice(0, NAME_LENGTH) || "chart"}.${ending}`;
    link.href = URL.createObjectURL(blob);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  const take = {
    svg: async (buttons, chart) => {
      save(new Blob([pictureOf(buttons, chart).svg], { type: "image/svg+xml" }), buttons, "svg");
      return "Saved as SVG";
    },
    png: async (buttons, chart) => {
      save(await asPng(buttons, chart), buttons, "png");
      return "Saved as PNG";
    },
    copy: async (buttons, chart) => {
      const picture = asPng(buttons, chart);
      try {
        // The clipboard is given the promise: what comes after a wait is no longer the person's own doing.
        await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
        return "Copied";
      } catch {
        save(await picture, buttons, "png");
        return "This browser doesn't copy pictures: saved as PNG";
      }
    },
  };

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element && event.target.closest("button[data-picture]");
    const buttons = button && button.closest("[data-picture-of]");
    if (!buttons) return;
    const status = buttons.querySelector("[role=status]");
    const chart = chartOf(buttons);
    status.textContent = chart
      ? await take[button.dataset.picture](buttons, chart).catch(() => "The picture couldn't be taken")
      : "The chart isn't drawn yet";
  });
})();
