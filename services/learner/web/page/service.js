// Actors, replay and limiter, and what each hop costs.
import { bytes, count, element, number, time } from './format.js';

// Seconds without a chunk. Actors that the limiter holds back are quiet for good reason.
const quiet = 15;
const lost = 60;

// Rates are those of the last half minute: actors send in bursts.
const recent = 30_000;
const history = [];

/** Draws the three panels from a run's `now`. */
export function showService(now) {
  history.push({ time: now.time, actors: now.actors ?? [], replay: now.replay });
  while (history.length > 2 && now.time - history[1].time > recent) history.shift();
  const before = history[0];
  const seconds = (now.time - before.time) / 1000;
  document.getElementById('actors').replaceChildren(...actors(now, before, seconds));
  document.getElementById('replay').replaceChildren(...replay(now, before, seconds));
  document.getElementById('hops').replaceChildren(...hops(now.hops ?? []));
}

/** Forgets what rates are counted from. */
export function forgetService() {
  history.length = 0;
}

function actors(now, before, seconds) {
  const title = element('h2', { textContent: `Actors (${now.actors?.length ?? 0})` });
  if (now.actors === null) return [title, empty(`The replay service does not answer: ${now.replay_problem}`)];
  if (now.actors.length === 0) return [title, empty('None is connected.')];
  const rows = now.actors.map((actor) => {
    const earlier = before.actors.find((each) => each.name === actor.name);
    const rate = earlier && seconds > 0 && actor.steps >= earlier.steps ? (actor.steps - earlier.steps) / seconds : null;
    const health = actor.seconds_since_chunk < quiet || now.replay.waiting_inserts > 0 ? 'good' : actor.seconds_since_chunk < lost ? 'warn' : 'bad';
    const says = { good: now.replay.waiting_inserts > 0 ? 'sends, or waits for the learner' : 'sends', warn: 'has been quiet', bad: 'silent' }[health];
    return row(
      element('span', {}, element('span', { className: `dot ${health}`, title: says, role: 'img', ariaLabel: says }), actor.name),
      actor.streams, count(actor.steps), number(rate), actor.policy_version < 0 ? '–' : actor.behind_versions, `${number(actor.seconds_since_chunk)} s`,
      actor.ack_p50_seconds === null ? '–' : element('span', { textContent: `${time(actor.ack_p50_seconds)}, ${time(actor.ack_p95_seconds)}`, title: 'from sending a chunk until its acknowledgement came, the newest 64: median, 95 %' }));
  });
  return [title, table(['actor', 'streams', 'steps', 'steps/s', 'weights behind', 'silent for', 'acknowledged in, 95 %'], rows)];
}

function replay(now, before, seconds) {
  const title = element('h2', { textContent: 'Replay and limiter' });
  const state = now.replay;
  if (state === null) return [title, empty(now.replay_problem ?? 'Unknown.')];
  const share = (key) => (before.replay && seconds > 0 ? Math.max(0, state[key] - before.replay[key]) / seconds : null);
  const part = (value) => (value === null ? '–' : `${number(value)} s per s`);
  const problem = (value) => element('span', { className: value > 0 ? 'alarm' : '', textContent: count(value) });
  const rows = [
    ['train ratio, achieved of wanted', `${number(state.realised_ratio)} of ${number(state.target_ratio)}`],
    ['replayed steps owed', number(state.credit)],
    ['actors waited for the learner', part(share('insert_wait_seconds'))],
    ['the learner waited for actors', part(share('sample_wait_seconds'))],
    ['stalls: both waited', problem(state.stalls)],
    ['windows to draw', count(state.items)],
    ['steps kept, of inserted', `${count(state.steps)} of ${count(state.inserted_steps)}`],
    ['size', `${bytes(state.bytes)} in ${count(state.chunks)} chunks`],
    ['chunks evicted', count(state.evicted_chunks)],
    ['not yet durable', count(state.not_durable)],
    ['duplicates dropped', count(state.duplicates)],
    ['gaps, refused, lost', element('span', {}, problem(state.gaps), ', ', problem(state.refused), ', ', problem(state.lost_chunks))],
  ];
  if (state.store_full) rows.push(['store', element('span', { className: 'alarm', textContent: 'full: actors get no credit' })]);
  return [title, table(null, rows.map(([name, value]) => row(name, value)))];
}

function hops(measured) {
  const title = element('h2', { textContent: 'What each hop costs, last minute' });
  if (measured.length === 0) return [title, empty('Nothing has been measured yet.')];
  const [low, high] = [1e-5, 10];
  const across = (seconds) => 100 * Math.max(0, Math.min(1, Math.log(seconds / low) / Math.log(high / low)));
  const rows = measured.map((hop) => {
    const bar = element('i');
    bar.style.left = `${across(hop.p50)}%`;
    bar.style.width = `${across(hop.p99) - across(hop.p50)}%`;
    const track = element('span', { className: 'span', title: 'median to 99 %, on a logarithmic scale from 10 µs to 10 s' }, bar);
    const name = hop.name.replace(/^dreamer\./, '').replace('.duration', '').replaceAll('_', ' ').replace('.', ' · ');
    return row(element('span', { textContent: name, title: hop.meaning }), count(hop.count), time(hop.p50), time(hop.p99), track);
  });
  return [title, table(['hop', 'times', 'median', '99 %', ''], rows)];
}

function table(headings, rows) {
  const head = headings && element('thead', {}, element('tr', {}, ...headings.map((text) => element('th', { textContent: text, scope: 'col' }))));
  return element('table', {}, head, element('tbody', {}, ...rows));
}

function row(...cells) {
  return element('tr', {}, ...cells.map((cell) => element('td', {}, cell instanceof Node ? cell : String(cell))));
}

function empty(text) {
  return element('p', { className: 'empty', textContent: text });
}
