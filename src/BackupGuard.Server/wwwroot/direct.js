// The one script. Without it every page works: it only says whether what is shown is still what is so.
// A page that holds a field never reloads by itself; it says that something changed and leaves the choice.
(() => {
  const box = document.querySelector("[data-flux]");
  if (!box || !window.EventSource) return;
  const state = box.querySelector("[data-etat]");
  const news = box.querySelector("[data-nouveau]");
  const say = (text) => { if (state.textContent !== text) state.textContent = text; };
  const hour = () => new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  // Longer than two heartbeats of the server.
  const silence = 25000;
  let heard = Date.now();
  let lost = "";
  let timer = 0;
  box.hidden = false;

  const alive = () => { heard = Date.now(); lost = ""; say(box.dataset.direct); };
  const dead = () => { if (!lost) lost = hour(); say(box.dataset.perdu + " " + lost); };

  const changed = () => {
    if (box.dataset.recharge) { location.reload(); return; }
    news.hidden = false;
  };

  const listen = () => {
    const source = new EventSource(box.dataset.flux);
    source.addEventListener("ligne", (e) => { alive(); if (Number(e.data) > Number(box.dataset.ligne)) changed(); });
    source.addEventListener("vivant", alive);
    source.onerror = () => {
      dead();
      // Refused for good (signed out, run unknown): ask again slowly instead of never.
      if (source.readyState === EventSource.CLOSED) { clearTimeout(timer); timer = setTimeout(listen, 10000); }
    };
  };
  listen();
  setInterval(() => { if (Date.now() - heard > silence) dead(); }, 2000);
})();
