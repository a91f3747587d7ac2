/** Preloaded into a program (`node --import`): what `Date.now` says jumps a day forwards, then two back, again and again. */
const dayMs = 24 * 60 * 60 * 1000;
const offsetsMs = [0, dayMs, -dayMs];
const stayMs = 300;
const realNow = Date.now.bind(Date);

Date.now = () => realNow() + (offsetsMs[Math.floor(performance.now() / stayMs) % offsetsMs.length] ?? 0);
