'use strict';
(() => {
  const MOST_BARS = 10;
  const BYTES = {BOOL: 1, UINT8: 1, INT8: 1, UINT16: 2, INT16: 2, FP16: 2, BF16: 2, UINT32: 4, INT32: 4, FP32: 4,
    UINT64: 8, INT64: 8, FP64: 8};
  const $ = id => document.getElementById(id);
  const canvas = $('canvas');
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  let models = [];
  let model;
  let image = null;
  let isPicture = false;
  let asked = 0;

  // Models

  /** How a model takes an image, or null if it takes none. */
  function imageInput(of) {
    const [input] = of.inputs;
    if (of.inputs.length !== 1 || input.shape.length !== 4 || input.datatype === 'BYTES' || input.datatype === 'BOOL') {
      return null;
    }
    const [n, a, b, c] = input.shape;
    const isFirst = a === 1 || a === 3;
    const [channels, height, width] = isFirst ? [a, b, c] : [c, a, b];
    const fits = (n === 1 || n === -1) && (channels === 1 || channels === 3) && height > 1 && width > 1;
    return fits ? {...input, channels, height, width, isFirst} : null;
  }

  function choose(name) {
    model = models.find(m => m.name === name);
    image = imageInput(model);
    $('image').hidden = !image;
    const rows = $('tensors').tBodies[0];
    rows.replaceChildren();
    for (const [kind, list] of [['Input', model.inputs], ['Output', model.outputs]]) {
      for (const tensor of list) {
        row(rows, kind, tensor.name, tensor.datatype, '[' + tensor.shape.map(d => d < 0 ? 'any' : d).join(', ') + ']');
      }
    }
    $('curl').textContent = curl();
    clear();
  }

  function row(rows, head, ...cells) {
    const tr = rows.insertRow();
    const th = document.createElement('th');
    th.scope = 'row';
    th.textContent = head;
    tr.append(th);
    for (const cell of cells) {
      tr.insertCell().append(cell);
    }
  }

  /** A call with zeros; in binary form where JSON would fill the screen. */
  function curl() {
    let zeros = 0;
    const inputs = model.inputs.map(({name, datatype, shape}) => {
      const dims = shape.map(d => Math.max(d, 1));
      const size = dims.reduce((a, b) => a * b, 1);
      if (size > 32 && BYTES[datatype]) {
        zeros += size * BYTES[datatype];
        return {name, datatype, shape: dims, parameters: {binary_data_size: size * BYTES[datatype]}};
      }
      const zero = datatype === 'BYTES' ? '' : datatype === 'BOOL' ? false : 0;
      return {name, datatype, shape: dims, data: Array(size).fill(zero)};
    });
    const json = JSON.stringify({inputs});
    const quoted = "'" + json.replaceAll("'", "'\\''") + "'";
    const url = new URL(path(), location.href).href;
    const length = new TextEncoder().encode(json).length;
    return zeros === 0 ? `curl ${url} -d ${quoted}`
      : `(printf %s ${quoted}; head -c ${zeros} /dev/zero) |\n`
        + `  curl ${url} -H 'Inference-Header-Content-Length: ${length}' --data-binary @-`;
  }

  // The apostrophe would end a shell's quotes.
  const path = () => 'v2/models/' + encodeURIComponent(model.name).replaceAll("'", '%27') + '/infer';

  // Drawing

  const at = {x: 140, y: 140, isDown: false};

  function clear() {
    asked++;
    pen.fillStyle = '#000';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    isPicture = false;
    at.isDown = false;
    say('Nothing is drawn yet.');
  }

  function line(fromX, fromY, toX, toY) {
    if (isPicture) {
      clear();
    }
    pen.strokeStyle = '#fff';
    pen.lineWidth = 22;
    pen.lineCap = pen.lineJoin = 'round';
    pen.beginPath();
    pen.moveTo(fromX, fromY);
    pen.lineTo(toX, toY);
    pen.stroke();
  }

  function place(event) {
    const r = canvas.getBoundingClientRect();
    return [(event.clientX - r.left) * canvas.width / r.width, (event.clientY - r.top) * canvas.height / r.height];
  }

  let last = null;
  canvas.addEventListener('pointerdown', event => {
    last = place(event);
    canvas.setPointerCapture(event.pointerId);
    line(...last, ...last);
  });
  canvas.addEventListener('pointermove', event => {
    if (last) {
      const next = place(event);
      line(...last, ...next);
      last = next;
    }
  });
  for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, () => {
      if (last) {
        last = null;
        ask();
      }
    });
  }
  const STEPS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
  canvas.addEventListener('keydown', event => {
    const step = STEPS[event.key];
    if (step) {
      const x = Math.min(270, Math.max(10, at.x + 10 * step[0]));
      const y = Math.min(270, Math.max(10, at.y + 10 * step[1]));
      if (at.isDown) {
        line(at.x, at.y, x, y);
      }
      Object.assign(at, {x, y});
      say(`Pen ${at.isDown ? 'down' : 'up'}, column ${x / 10}, row ${y / 10}`);
    } else if (event.key === ' ') {
      at.isDown = !at.isDown;
      if (at.isDown) {
        line(at.x, at.y, at.x, at.y);
      }
      say(`Pen ${at.isDown ? 'down' : 'up'}, column ${at.x / 10}, row ${at.y / 10}`);
    } else if (event.key === 'Enter') {
      ask();
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      clear();
    } else {
      return;
    }
    event.preventDefault();
  });

  // Pictures

  async function show(file) {
    let picture;
    try {
      picture = await createImageBitmap(file);
    } catch (e) {
      say('This file is no picture that the browser can read.', true);
      return;
    }
    clear();
    isPicture = true;
    const scale = Math.max(canvas.width / picture.width, canvas.height / picture.height);
    const [w, h] = [picture.width * scale, picture.height * scale];
    pen.drawImage(picture, (canvas.width - w) / 2, (canvas.height - h) / 2, w, h);
    ask();
  }
  $('file').addEventListener('change', event => event.target.files[0] && show(event.target.files[0]));
  for (const type of ['dragover', 'dragleave', 'drop']) {
    $('image').addEventListener(type, event => {
      event.preventDefault();
      $('image').classList.toggle('over', type === 'dragover');
      if (type === 'drop' && event.dataTransfer.files[0]) {
        show(event.dataTransfer.files[0]);
      }
    });
  }

  // Asking

  /** Where something is drawn: left, top, width, height; null if nowhere. */
  function drawn() {
    const {data, width, height} = pen.getImageData(0, 0, canvas.width, canvas.height);
    let [left, top, right, bottom] = [width, height, -1, -1];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (data[4 * (y * width + x)] > 30) {
          [left, right] = [Math.min(left, x), Math.max(right, x)];
          [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
        }
      }
    }
    return right < 0 ? null : [left, top, right - left + 1, bottom - top + 1];
  }

  /** The image in the model's size. */
  function small(box) {
    const to = new OffscreenCanvas(image.width, image.height).getContext('2d');
    to.fillRect(0, 0, image.width, image.height);
    to.imageSmoothingQuality = 'high';
    if (isPicture || !$('centre').checked) {
      to.drawImage(canvas, 0, 0, image.width, image.height);
    } else {
      const scale = Math.min(image.width, image.height) * 20 / 28 / Math.max(box[2], box[3]);
      const [w, h] = [box[2] * scale, box[3] * scale];
      to.drawImage(canvas, ...box, (image.width - w) / 2, (image.height - h) / 2, w, h);
    }
    return to.getImageData(0, 0, image.width, image.height).data;
  }

  function elements(pixels) {
    const {channels, width, height, isFirst, datatype} = image;
    const [low, high] = $('range').value.split(',').map(Number);
    const data = Array(channels * width * height);
    for (let i = 0; i < width * height; i++) {
      const rgb = [pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2]];
      const grey = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
      for (let c = 0; c < channels; c++) {
        const value = low + (high - low) * (channels === 1 ? grey : rgb[c]) / 255;
        const isWhole = !/^(FP|BF)/.test(datatype);
        data[isFirst ? c * width * height + i : i * channels + c] = isWhole ? Math.round(value) : +value.toFixed(5);
      }
    }
    return data;
  }

  async function ask() {
    const box = drawn();
    if (!box) {
      clear();
      return;
    }
    const mine = ++asked;
    const {name, datatype, shape} = image;
    const body = JSON.stringify({
      inputs: [{name, datatype, shape: [1, ...shape.slice(1)], data: elements(small(box))}],
      outputs: [{name: model.outputs[0].name}]
    });
    const start = performance.now();
    try {
      const response = await fetch(path(), {method: 'POST', headers: {'Content-Type': 'application/json'}, body});
      const answer = await response.json();
      const took = performance.now() - start;
      if (mine !== asked) {
        return; // something newer is drawn
      }
      if (!response.ok) {
        say(answer.error, true);
        return;
      }
      const inside = /dur=([\d.]+)/.exec(response.headers.get('Server-Timing') || '');
      bars(answer.outputs[0].data.map(Number));
      $('timing').textContent = `${took.toFixed(1)} ms, ${inside ? inside[1] + ' ms of them in the model' : ''}`;
    } catch (e) {
      say('The server does not answer: ' + e.message, true);
    }
  }

  // Answers

  function say(text, isFailure = false) {
    $('answer').textContent = text;
    $('answer').classList.toggle('failed', isFailure);
    $('bars').hidden = true;
    $('timing').textContent = '';
  }

  /** Numbers of 0 or more that add up to 1; others become so by softmax. */
  function probabilities(values) {
    const sum = values.reduce((a, b) => a + b, 0);
    if (values.every(v => v >= 0) && Math.abs(sum - 1) < 0.01) {
      return values;
    }
    const most = values.reduce((a, b) => Math.max(a, b));
    const powers = values.map(v => Math.exp(v - most));
    const total = powers.reduce((a, b) => a + b, 0);
    return powers.map(p => p / total);
  }

  function bars(values) {
    if (values.length < 2 || values.some(v => !Number.isFinite(v))) {
      say('Answer: ' + values.slice(0, MOST_BARS).join(', '));
      return;
    }
    const shares = probabilities(values);
    const names = model.parameters?.classes ?? [];
    const isNamed = names.length === shares.length;
    const name = i => isNamed ? names[i] : String(i);
    $('bars').classList.toggle('named', isNamed);
    const order = shares.map((share, i) => [share, i]).sort((a, b) => b[0] - a[0]).slice(0, MOST_BARS);
    const percent = share => (100 * share).toFixed(1) + ' %';
    say(`Answer: ${name(order[0][1])} (${percent(order[0][0])})`);
    $('measure').textContent = shares === values ? 'Probability' : 'Softmax';
    const rows = $('bars').tBodies[0];
    rows.replaceChildren();
    for (const [share, i] of order) {
      row(rows, name(i), bar(share), percent(share));
    }
    $('bars').hidden = false;
  }

  /** Drawn by attributes, for the page allows no styles in elements. */
  function bar(share) {
    const ns = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(ns, 'svg');
    svg.setAttribute('class', 'bar');
    svg.setAttribute('aria-hidden', 'true');
    const rect = document.createElementNS(ns, 'rect');
    rect.setAttribute('width', Math.max(100 * share, 0.3) + '%');
    rect.setAttribute('height', '14');
    rect.setAttribute('rx', '2');
    svg.append(rect);
    return svg;
  }

  $('ask').addEventListener('click', ask);
  $('clear').addEventListener('click', clear);
  $('range').addEventListener('change', ask);
  $('centre').addEventListener('change', ask);
  $('model').addEventListener('change', event => choose(event.target.value));
  fetch('models').then(response => response.json()).then(list => {
    models = list;
    $('model').replaceChildren(...models.map(m => new Option(m.name)));
    choose(models[0].name);
  });
})();
