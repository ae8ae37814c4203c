/* global Chart */

const charts = []

for (const canvas of document.querySelectorAll('[data-chart]')) {
  const { days, series } = JSON.parse(canvas.dataset.chart)
  const swatches = [...canvas.closest('.card').querySelectorAll('.swatch')]
  const chart = new Chart(canvas, {
    type: 'bar',
    data: {
      labels: days,
      datasets: series.map(({ name, values }) => ({
        label: name,
        data: values,
        borderRadius: 2,
        maxBarThickness: 28,
      })),
    },
    options: {
      maintainAspectRatio: false,
      animation: false,
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: {
          stacked: true,
          grid: { display: false },
          border: { display: false },
          ticks: {
            maxRotation: 0,
            autoSkipPadding: 16,
            callback: (_, index) => shortDay(days[index]),
          },
        },
        y: {
          stacked: true,
          beginAtZero: true,
          suggestedMax: 1,
          border: { display: false },
          ticks: { maxTicksLimit: 5, precision: canvas.dataset.unit === 'jobs' ? 0 : undefined },
        },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          padding: 10,
          filter: (item) => item.parsed.y > 0,
          callbacks: {
            title: ([item]) => (item ? item.label : ''),
            label: (item) =>
              ` ${item.dataset.label}: ${item.formattedValue} ${canvas.dataset.unit}`,
          },
        },
      },
    },
  })
  charts.push({ chart, swatches })
}

paint()
document.addEventListener('theme', paint)
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint)

/** Charts take the colours of the page, whatever they are now. */
function paint() {
  const page = getComputedStyle(document.body)
  for (const { chart, swatches } of charts) {
    const faint = colour(chart.canvas, '--ink-faint')
    chart.options.font = { family: page.fontFamily }
    for (const scale of Object.values(chart.options.scales)) {
      scale.ticks.color = faint
      scale.ticks.font = { family: page.fontFamily, size: 12 }
    }
    chart.options.scales.y.grid.color = colour(chart.canvas, '--line')
    chart.data.datasets.forEach((dataset, index) => {
      dataset.backgroundColor = getComputedStyle(swatches[index]).backgroundColor
    })
    chart.update()
  }
}

/** A token as a colour that a canvas understands: only a real property resolves it. */
function colour(canvas, token) {
  canvas.style.color = `var(${token})`
  return getComputedStyle(canvas).color
}

function shortDay(day) {
  return new Date(`${day}T00:00Z`).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  })
}
