// A group's gatherings inside another website:
//   <roughweather-calendar><a href="https://GROUP/calendar?group=all">Gatherings</a></roughweather-calendar>
//   <script type="module" src="https://GROUP/embed.js"></script>
// The link says which calendar, and stays for whoever runs no script. Words from feeds are only ever text.
const home = new URL(import.meta.url).origin;
const sheet = new CSSStyleSheet();
sheet.replaceSync(`:host{display:block}ul{list-style:none;margin:0;padding:0}
li{padding:.75em 0;border-block-end:1px solid color-mix(in srgb,currentColor 25%,transparent)}
a{color:inherit;font-weight:bold;display:inline-block;min-height:1.5em}a:focus-visible{outline:3px solid}
span,time{display:block;font-size:.9em}slot{display:block;padding-block:.75em}`);

const made = (name, text, given = {}) => Object.assign(document.createElement(name), { textContent: text, dir: "auto" }, given);

// On the clocks of the place first, and on the reader's where they differ; a day alone is a day anywhere.
function said(begins, zone, language) {
  const days = begins.length === 10;
  const parts = { weekday: "short", year: "numeric", month: "long", day: "numeric" };
  if (!days) Object.assign(parts, { hour: "numeric", minute: "2-digit", timeZoneName: "short" });
  const on = (timeZone) => new Intl.DateTimeFormat(language, { ...parts, timeZone }).format(new Date(begins));
  if (days) return on("UTC");
  const here = on(undefined);
  const there = zone ? on(zone) : here;
  return there === here ? there : `${there} · ${here}`;
}

function entry(item, language) {
  const { start, timezone, place, home: whose } = item._gathering;
  const row = document.createElement("li");
  const link = made("a", item.title, { href: item.url, rel: "noopener" });
  if (!/^https?:$/.test(link.protocol)) link.removeAttribute("href");
  if (item.language) link.lang = item.language;
  row.append(link);
  if (start) row.append(made("time", said(start, timezone, language), { dateTime: start }));
  row.append(made("span", [place, whose].filter(Boolean).join(" · ")));
  return row;
}

customElements.define("roughweather-calendar", class extends HTMLElement {
  async connectedCallback() {
    const link = this.querySelector("a[href]");
    const address = new URL(link ? link.href : "/calendar?group=all", home);
    if (this.shadowRoot || address.origin !== home) return;
    try {
      const answer = await fetch(`${home}/calendar.json${address.search || "?group=all"}`, { credentials: "omit" });
      const { items } = await answer.json();
      const language = this.closest("[lang]")?.lang || undefined;
      const key = (one) => Date.parse(one._gathering.start) || Infinity;
      const found = items.filter((one) => one._gathering).sort((a, b) => key(a) - key(b));
      const rows = found.slice(0, +this.getAttribute("limit") || 10).map((one) => entry(one, language));
      const list = document.createElement("ul");
      list.setAttribute("role", "list"); // some screen readers forget it where the dots are gone
      list.append(...rows);
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      root.append(list, document.createElement("slot"));
    } catch {} // the link is there
  }
});
