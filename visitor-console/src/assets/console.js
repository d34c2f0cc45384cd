// What pages do better with a script, and do without it too: the reader's clock, copying, menus, and news.
"use strict";
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const body = document.body;

  // The server writes times in the zone that this cookie names; until it does, they are written anew here.
  if (zone && body.dataset.zone !== zone) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `console-zone=${encodeURIComponent(zone)}; Path=/console; Max-Age=31536000; SameSite=Lax${secure}`;
  }
  const clock = new Intl.DateTimeFormat("en-GB", {
    day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
  const times = (root) => {
    if (!zone || body.dataset.zone === zone) return;
    for (const time of root.querySelectorAll("time[datetime]")) {
      const at = new Date(time.getAttribute("datetime"));
      if (!Number.isNaN(at.getTime())) time.textContent = clock.format(at);
    }
  };
  const copying = (root) => {
    if (!navigator.clipboard) return;
    for (const button of root.querySelectorAll("button[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        const input = document.getElementById(button.dataset.copy);
        input.select();
        await navigator.clipboard.writeText(input.value);
        document.getElementById(`${button.dataset.copy}-said`).textContent = button.dataset.copied;
        const was = button.firstChild.textContent;
        button.firstChild.textContent = button.dataset.copied;
        setTimeout(() => { button.firstChild.textContent = was; }, 2000);
      });
    }
  };
  const prepare = (root) => { times(root); copying(root); };
  prepare(document);
  document.addEventListener("htmx:load", (event) => {
    if (event.target !== body) times(event.target.parentElement || document);
  });

  // Whoever is told that something was not done is taken to where it says so.
  const message = document.querySelector("[data-focus]");
  if (message) message.focus();

  // Menus close by Escape and when somebody goes elsewhere.
  for (const menu of document.querySelectorAll("details.menu")) {
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  }
  const here = document.querySelector(".main-nav [aria-current]");
  if (here && here.scrollIntoView && matchMedia("(max-width: 859px)").matches) {
    const nav = here.closest(".main-nav");
    nav.scrollLeft = here.offsetLeft - nav.clientWidth / 2 + here.clientWidth / 2;
  }

  // A box chooses all rows of its table.
  for (const all of document.querySelectorAll("input[data-all]")) {
    all.closest("label").hidden = false;
    all.addEventListener("change", () => {
      for (const box of document.querySelectorAll(`input[name="${all.dataset.all}"]`)) box.checked = all.checked;
    });
  }

  // News: the server says that something happened, the page asks what.
  if (body.dataset.live) {
    const states = document.querySelectorAll(".live");
    const say = (name) => {
      for (const state of states) {
        state.classList.toggle("on", name === "on");
        state.textContent = state.dataset[name];
      }
    };
    const news = new EventSource(body.dataset.live);
    news.addEventListener("open", () => say("on"));
    news.addEventListener("error", () => say("off"));
    news.addEventListener("news", () => {
      for (const part of document.querySelectorAll("[data-news]")) window.htmx.trigger(part, "news");
    });
    addEventListener("pagehide", () => news.close());
  }
})();
