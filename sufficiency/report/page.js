"use strict";
const figures = JSON.parse(document.getElementById("figures").textContent);
const settings = { displaylogo: false, displayModeBar: false, responsive: true };
const plots = [];
for (const [id, figure] of Object.entries(figures)) {
  const place = document.getElementById(id);
  plots.push(place);
  if (figure.layout.xaxis.dtick === "M12" && place.clientWidth < 400) figure.layout.xaxis.dtick = "M24";
  Plotly.newPlot(place, figure.data, figure.layout, settings);
}
/* On paper a figure has the width of the page, not of the window. */
function fit(width) {
  for (const plot of plots) {
    const many = plot.closest(".panels").classList.contains("many");
    Plotly.relayout(plot, width ? { width: many ? width / 2 - 16 : width } : { width: null, autosize: true });
  }
}
window.addEventListener("beforeprint", () => fit(670));
window.addEventListener("afterprint", () => fit(0));
