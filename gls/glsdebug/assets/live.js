// Filters apply while they are typed, and "Follow" looks again every two
// seconds. Without this script the form has a button, and all else are links.
"use strict";

// The token is not for the history, nor for those to whom the address is given:
// the page has set a cookie.
const here = new URL(location.href);
if (here.searchParams.has("token")) {
  here.searchParams.delete("token");
  history.replaceState(null, "", here);
}

const form = document.getElementById("filter");
if (form) {
  const pause = 180; // ms after the last keystroke
  const interval = 2000; // ms
  const follow = document.getElementById("follow");
  let timer = 0;
  let request = null;

  // show replaces what depends on the process by what the address has.
  const show = async (address, note) => {
    if (request) request.abort();
    const mine = (request = new AbortController());
    try {
      const response = await fetch(address, { signal: mine.signal });
      if (!response.ok) throw new Error(response.status + " " + response.statusText);
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const id of ["tiles", "view"]) {
        document.getElementById(id).replaceWith(document.adoptNode(fresh.getElementById(id)));
      }
      const options = form.elements.namedItem("var");
      if (document.activeElement !== options) {
        const chosen = options.value;
        options.replaceChildren(...document.adoptNode(fresh.querySelector("select[name=var]")).children);
        options.value = chosen;
      }
      document.body.classList.remove("stale");
      if (note) history.replaceState(null, "", address);
    } catch (failure) {
      if (failure.name !== "AbortError") document.body.classList.add("stale");
    } finally {
      if (request === mine) request = null;
    }
  };

  // wanted is the address of what the form says, without what it leaves out.
  const wanted = () => {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (value !== "" && !(name === "per" && value === "100")) fields.set(name, value);
    }
    return "?" + fields;
  };
  const apply = () => show(wanted(), true);

  form.addEventListener("input", (event) => {
    if (event.target === follow) return;
    clearTimeout(timer);
    timer = setTimeout(apply, pause);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    apply();
  });

  document.documentElement.classList.add("live");
  follow.parentElement.hidden = false;
  setInterval(() => {
    if (follow.checked && !document.hidden && !request) show(location.search || "?", false);
  }, interval);
}
