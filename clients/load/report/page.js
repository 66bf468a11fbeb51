// Shows a chart's values at the pointer, and at the arrow keys for those without one.
(() => {
  "use strict";
  const tip = document.getElementById("tip");
  const svgName = "http://www.w3.org/2000/svg";

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const attach = (plot, data) => {
    const cross = plot.querySelector(".cross");
    const hair = cross.querySelector(".hair");
    const dots = data.s.map((series) => {
      const dot = document.createElementNS(svgName, "circle");
      dot.setAttribute("r", "3.5");
      dot.setAttribute("class", "dot " + series.c);
      dot.style.strokeDasharray = "none";
      cross.append(dot);
      return dot;
    });
    let at = -1;

    const hide = () => {
      at = -1;
      cross.setAttribute("visibility", "hidden");
      tip.hidden = true;
    };

    const show = (index) => {
      at = index;
      const x = data.x[index];
      hair.setAttribute("transform", `translate(${x} 0)`);
      cross.setAttribute("visibility", "visible");
      const rows = element("table");
      data.s.forEach((series, i) => {
        const y = series.y[index];
        const hasDot = y !== null && y !== undefined;
        dots[i].setAttribute("visibility", hasDot ? "visible" : "hidden");
        if (hasDot) {
          dots[i].setAttribute("cx", x);
          dots[i].setAttribute("cy", y);
        }
        if (!series.v[index]) return;
        const row = element("tr");
        const name = element("td");
        name.append(element("i", series.c), series.n);
        row.append(name, element("td", "", series.v[index]));
        rows.append(row);
      });
      tip.replaceChildren(element("b", "", data.t[index]), rows);
      tip.hidden = false;
      const box = plot.getBoundingClientRect();
      const scale = box.width / plot.viewBox.baseVal.width;
      const pointX = box.left + x * scale;
      const isRoomRight = pointX + 16 + tip.offsetWidth <= innerWidth;
      const left = isRoomRight ? pointX + 16 : pointX - 16 - tip.offsetWidth;
      const top = Math.min(Math.max(box.top + 16, 8), innerHeight - tip.offsetHeight - 8);
      tip.style.left = `${Math.max(left, 8)}px`;
      tip.style.top = `${top}px`;
    };

    const nearest = (x) => {
      let best = 0;
      data.x.forEach((value, i) => {
        if (Math.abs(value - x) < Math.abs(data.x[best] - x)) best = i;
      });
      return best;
    };

    plot.addEventListener("pointermove", (event) => {
      const box = plot.getBoundingClientRect();
      show(nearest(((event.clientX - box.left) / box.width) * plot.viewBox.baseVal.width));
    });
    plot.addEventListener("pointerleave", hide);
    plot.addEventListener("blur", hide);
    plot.addEventListener("keydown", (event) => {
      const last = data.x.length - 1;
      const targets = {
        ArrowLeft: Math.max(at - 1, 0), ArrowRight: Math.min(at + 1, last), Home: 0, End: last,
      };
      if (event.key === "Escape") hide();
      if (!(event.key in targets)) return;
      event.preventDefault();
      show(targets[event.key]);
    });
  };

  for (const script of document.querySelectorAll("script[data-for]")) {
    const data = JSON.parse(script.textContent);
    if (data.x.length > 0) attach(document.getElementById(script.dataset.for), data);
  }
})();
