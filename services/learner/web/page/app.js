// The page of one or several runs: asks the server for JSON and draws it. Nothing is sent but questions.
import { Chart, smooth, watchCursor } from './chart.js';
import { count, duration, element, number } from './format.js';
import { showPictures } from './pictures.js';
import { forgetService, showService } from './service.js';

const nowPeriod = 1000;
const curvesPeriod = 4000;
const byId = (id) => document.getElementById(id);

const charts = new Map();
const curves = new Map();
const enabled = new Set();
let runs = [];
let selected = 0;
let failures = 0;

const mainCharts = [
  ['episode/length', 'Episode length', () => null],
  ['fps/policy', 'Environment steps/s', () => null],
  ['fps/updates', 'Updates/s', () => null],
  ['replay/ratio', 'Train ratio', (run) => run.now?.figures.target_train_ratio || null],
];

async function get(path) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(10_000) });
  // The token has changed: the page asks for the new one.
  if (answer.status === 401) location.reload();
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}

// ---- figures ----------------------------------------------------------------------------------

const states = {
  collecting: 'collecting experience',
  training: 'training',
  waiting: 'waiting for the replay service',
  finished: 'finished',
  recorded: 'recorded',
  gone: 'no answer',
};

function showNow(run) {
  const { figures, losses } = run.now;
  const live = run.live;
  byId('state').textContent = states[run.now.state];
  byId('state').dataset.state = run.now.state;
  byId('facts').textContent = [
    run.task, run.agent, run.agent && `seed ${run.seed}`,
    figures.parameters && `${count(figures.parameters)} parameters`, figures.trained_seconds && `trained for ${duration(figures.trained_seconds)}`,
  ].filter(Boolean).join(' · ');
  const share = figures.total_steps > 0 ? Math.min(1, figures.env_steps / figures.total_steps) : 0;
  byId('figures').replaceChildren(
    figure('Score', number(figures.score), figures.episodes > 0 ? `last ${Math.min(20, figures.episodes)} of ${count(figures.episodes)} episodes` : 'no episode has ended yet'),
    figure('Environment steps', count(figures.env_steps), figures.total_steps > 0 ? `${Math.floor(100 * share)} % of ${count(figures.total_steps)}` : '', share),
    figure('Train ratio', number(figures.train_ratio), figures.target_train_ratio > 0 ? `of ${number(figures.target_train_ratio)} wanted` : ''),
    figure('Updates per second', number(figures.updates_per_second), `${count(figures.updates)}${figures.total_updates ? ` of ${count(figures.total_updates)}` : ''} so far`),
    figure('Steps per second', number(figures.steps_per_second), live ? 'of the environment' : 'of the environment, at last'),
    live
      ? figure('Time left', duration(run.now.state === 'finished' ? 0 : figures.eta_seconds), 'at the recent speed')
      : figure('Last written', run.now.written ? `${duration((run.now.time - run.now.written) / 1000)} ago` : '–', ''));
  byId('losses').replaceChildren(...Object.entries(losses).map(([name, value]) => element('span', {}, name, element('b', { textContent: number(value) }))), figures.note);
  document.title = `${number(figures.score)} · ${count(figures.env_steps)} · ${run.name}`;
  byId('service').hidden = !live;
  if (live) showService(run.now);
  const problem = run.now.state === 'waiting' ? `The replay service does not answer (${run.now.replay_problem}). Training goes on when it is back.`
    : run.now.state === 'collecting' ? 'Actors collect experience; the first update comes when there is enough to draw from.'
    : null;
  notice(problem);
}

function figure(title, value, detail, share = null) {
  return element('div', { className: 'figure' },
    element('h3', { textContent: title }), element('strong', { textContent: value }), element('small', { textContent: detail, title: detail }),
    share === null ? null : element('progress', { value: share, max: 1, ariaLabel: title }));
}

function notice(text) {
  byId('notice').hidden = text === null;
  if (text !== null && byId('notice').textContent !== text) byId('notice').textContent = text;
}

// ---- curves -----------------------------------------------------------------------------------

function drawCurves() {
  const keys = new Set([...enabled].flatMap((id) => curves.get(id)?.keys ?? []));
  draw('episode/score', 'Score', byId('score'), 300);
  for (const [key, title, target] of mainCharts) {
    if (keys.has(key)) draw(key, title, byId('main'), 150, target(runs[selected]));
  }
  const scored = [...keys].filter((key) => key.startsWith('eval/'));
  for (const key of scored) draw(key, `Evaluation: ${key.slice(5)}`, byId('main'), 150);
  const losses = [...keys].filter((key) => key.startsWith('train/loss/'));
  byId('loss-curves').hidden = losses.length === 0;
  for (const key of losses) draw(key, key.slice('train/loss/'.length), byId('losses-charts'), 120);
  const rest = [...keys].filter((key) => key !== 'episode/score' && !mainCharts.some(([main]) => main === key) && !scored.includes(key) && !losses.includes(key)
    && key !== 'train/updates' && key !== 'train/seconds');
  byId('more').hidden = rest.length === 0;
  if (byId('more').open) {
    for (const key of rest) draw(key, key, byId('more-charts'), 120);
  }
}

function draw(key, title, place, height, target = null) {
  if (!charts.has(key)) {
    charts.set(key, new Chart(title, height));
    place.append(charts.get(key).element);
  }
  const lines = [...enabled].sort((a, b) => a - b).map((id) => ({ id, series: curves.get(id)?.series[key] })).filter(({ series }) => series);
  charts.get(key).show(lines.map(({ id, series }) => ({ name: runs[id].name, colour: id % 7, steps: series.steps, values: series.values })), target);
}

async function loadCurves() {
  await Promise.all([...enabled].map(async (id) => {
    const known = curves.get(id);
    const all = byId('more').open;
    const answer = await get(`api/runs/${id}/curves?since=${known && known.all === all ? known.version : -1}${all ? '' : '&only=headline'}`);
    if (answer.series !== null) curves.set(id, { ...answer, all });
  }));
  drawCurves();
}

// ---- asking -----------------------------------------------------------------------------------

async function every(period, work) {
  for (;;) {
    if (!document.hidden) {
      try {
        await work();
        failures = 0;
      } catch (error) {
        failures++;
        if (failures > 2) lostServer();
      }
    }
    await new Promise((resume) => setTimeout(resume, failures > 2 ? 5 * period : period));
  }
}

function lostServer() {
  byId('state').textContent = states.gone;
  byId('state').dataset.state = 'gone';
  const run = runs[selected];
  notice(`The process that served this page does not answer: the run has ended, or the connection is gone. These are its last figures.${run ? ` Afterwards: ./dreamer web --logdir ${run.name}` : ''}`);
}

async function refreshNow() {
  const run = runs[selected];
  run.now = await get(`api/runs/${run.id}/now`);
  if (run === runs[selected]) showNow(run);
}

async function refreshSlow() {
  await loadCurves();
  showPictures(selected, await get(`api/runs/${selected}/pictures`));
}

async function select(id) {
  selected = id;
  forgetService();
  byId('name').textContent = runs[id].name;
  await refreshNow();
  await refreshSlow();
}

// ---- controls ---------------------------------------------------------------------------------

function legend() {
  if (runs.length < 2) return;
  byId('legend').hidden = byId('choice').hidden = false;
  byId('legend').replaceChildren(...runs.map((run) => {
    const box = element('input', { type: 'checkbox', checked: enabled.has(run.id) });
    box.addEventListener('change', async () => {
      if (box.checked) enabled.add(run.id);
      else enabled.delete(run.id);
      await loadCurves();
    });
    return element('label', {}, box, element('i', { className: `run-${run.id % 7}` }), run.name);
  }));
  byId('run').replaceChildren(...runs.map((run) => element('option', { value: run.id, textContent: run.name })));
  byId('run').addEventListener('change', () => select(Number(byId('run').value)));
}

function theme(name) {
  if (name === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  byId('theme').textContent = { system: 'theme: system', light: 'theme: light', dark: 'theme: dark' }[name];
  localStorage.setItem('theme', name);
}

function controls() {
  const themes = ['system', 'light', 'dark'];
  theme(themes.includes(localStorage.getItem('theme')) ? localStorage.getItem('theme') : 'system');
  byId('theme').addEventListener('click', () => theme(themes[(themes.indexOf(localStorage.getItem('theme')) + 1) % themes.length]));
  const apply = () => {
    const weight = Number(byId('smoothing').value);
    byId('smoothed').textContent = weight.toFixed(2);
    smooth(weight);
  };
  byId('smoothing').addEventListener('input', apply);
  apply();
  byId('more').addEventListener('toggle', () => byId('more').open && loadCurves());
  watchCursor((step) => { byId('cursor').textContent = step === null ? '' : `step ${count(step)}`; });
}

async function start() {
  controls();
  for (;;) {
    try {
      runs = await get('api/runs');
      break;
    } catch (error) {
      lostServer();
      await new Promise((resume) => setTimeout(resume, curvesPeriod));
    }
  }
  for (const run of runs) enabled.add(run.id);
  byId('name').textContent = runs[0].name;
  legend();
  every(nowPeriod, refreshNow);
  every(curvesPeriod, refreshSlow);
}

start();
