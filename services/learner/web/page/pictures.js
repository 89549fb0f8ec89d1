// Films and stills of a run, newest first, with a slider through the earlier ones.
import { count, element } from './format.js';

const kinds = [
  { form: /^episode$/, title: 'Newest episode', text: 'played with the newest weights', place: 'episode' },
  { form: /^openloop_/, title: 'Open-loop prediction', text: 'the model sees the first half and predicts the second from the actions alone; grey: no error', rows: ['truth', 'model', 'error'] },
  { form: /^dream_/, title: 'Imagined rollouts', text: 'what the model and the policy make up from states of the replay; nothing of it happened' },
  { form: /./, title: null, text: '' },
];

const shown = new Map();

/** Draws what /pictures answered, leaving alone what has not changed. */
export function showPictures(run, groups) {
  const order = [...groups].sort((a, b) => Number(b.film) - Number(a.film));
  const wanted = new Set(order.map((group) => key(run, group)));
  for (const [name, panel] of shown) {
    if (!wanted.has(name)) {
      panel.element.remove();
      shown.delete(name);
    }
  }
  for (const group of order) {
    const name = key(run, group);
    if (!shown.has(name)) shown.set(name, new Panel(run, group));
    shown.get(name).update(group.files);
  }
  document.getElementById('pictures').hidden = document.getElementById('pictures').childElementCount === 0;
  document.getElementById('lead').classList.toggle('filmed', document.getElementById('episode').childElementCount > 0);
}

function key(run, group) {
  return `${run}/${group.name}/${group.film}`;
}

class Panel {
  #files = [];
  #follow = true;

  constructor(run, group) {
    const kind = kinds.find((each) => each.form.test(group.name));
    const subject = group.name.replace(kind.form, '').replaceAll('_', ' ').trim();
    const title = kind.title === null ? group.name.replaceAll('_', ' ') : kind.title + (subject && subject !== 'image' ? `: ${subject}` : '');
    this.run = run;
    this.image = element('img', { alt: `${title}, ${kind.text}` });
    this.step = element('output');
    this.slider = element('input', { type: 'range', min: 0, ariaLabel: `${title}: earlier ones` });
    this.slider.addEventListener('input', () => this.#pick(Number(this.slider.value)));
    // A film has truth, model and error as its rows; a still repeats them for every sequence.
    const rows = kind.rows && group.film ? element('div', {}, ...kind.rows.map((name) => element('span', { textContent: name }))) : null;
    const still = kind.rows && !group.film ? ' Rows: truth, model, error of each sequence; time runs to the right.' : '';
    this.element = element('figure', { className: 'panel' },
      element('h2', { textContent: `${title}${group.film || kind.place ? '' : ' over time'}` }),
      rows ? element('div', { className: 'rows' }, rows, this.image) : this.image,
      element('div', { className: 'history' }, this.step, this.slider),
      element('figcaption', { textContent: sentence(kind.text) + still }));
    document.getElementById(kind.place ?? 'pictures').append(this.element);
  }

  update(files) {
    const more = files.length !== this.#files.length || files.at(-1)?.file !== this.#files.at(-1)?.file;
    if (!more) return;
    this.#files = files;
    this.slider.max = files.length - 1;
    this.slider.hidden = files.length < 2;
    if (this.#follow) this.#pick(files.length - 1);
  }

  #pick(index) {
    const { file, step } = this.#files[index];
    this.#follow = index === this.#files.length - 1;
    this.slider.value = index;
    this.step.textContent = `step ${count(step)}`;
    this.image.src = `api/runs/${this.run}/pictures/${file}`;
  }
}

function sentence(text) {
  return text && `${text[0].toUpperCase()}${text.slice(1)}.`;
}
