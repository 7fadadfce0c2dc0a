// The player's style sheet. A constructable sheet, because pages with a strict Content-Security-Policy forbid inline
// styles. The custom properties at its top are for themes (docs/player.md).

const kCss = `
:host {
  --accent_: var(--live-player-accent, #ff5a4f);
  --text_: var(--live-player-text, #fff);
  --panel_: var(--live-player-panel, rgb(16 18 24 / 0.86));
  --radius_: var(--live-player-radius, 0px);
  display: block;
  position: relative;
  overflow: hidden;
  aspect-ratio: 16 / 9;
  background: var(--live-player-background, #0b0d12);
  border-radius: var(--radius_);
}
:host([hidden]) { display: none; }
:host(:fullscreen) { border-radius: 0; width: 100%; height: 100%; aspect-ratio: auto; }
.stage, .ui, .surface { position: absolute; inset: 0; }
/* A page's text styles are inherited: reset them inside, where no rule of the page matches. */
.ui {
  color: var(--text_); color-scheme: dark; cursor: auto; direction: ltr; writing-mode: horizontal-tb;
  font: 14px/1.4 var(--live-player-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
  letter-spacing: normal; word-spacing: normal; text-transform: none; text-shadow: none; text-align: left;
  text-indent: 0; white-space: normal; word-break: normal; overflow-wrap: normal; hyphens: manual; list-style: none;
  -webkit-tap-highlight-color: transparent; text-size-adjust: 100%; -webkit-text-size-adjust: 100%;
}
video {
  position: absolute; inset: 0; width: 100%; height: 100%;
  object-fit: var(--live-player-fit, contain);
}
/* The next picture loads below the one that is shown. */
video:first-child { z-index: 1; }
.stage { isolation: isolate; }
.ui { container-type: size; overflow: hidden; user-select: none; -webkit-user-select: none; }
.surface { outline: none; touch-action: manipulation; }
/* Rings of two colours are seen on dark and on bright pictures. */
.surface:focus-visible { box-shadow: inset 0 0 0 2px #000, inset 0 0 0 5px #8fd0ff, inset 0 0 0 7px #000; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); margin: 0; }

button {
  all: unset; box-sizing: border-box; cursor: pointer; color: inherit; border-radius: 8px;
}
button[hidden], [hidden] { display: none !important; }
button:focus-visible, input:focus-visible { outline: 2px solid #8fd0ff; outline-offset: 1px; box-shadow: 0 0 0 5px #000; }
svg { display: block; width: 24px; height: 24px; fill: none; stroke: currentColor; stroke-width: 1.8;
  stroke-linecap: round; stroke-linejoin: round; }
svg .solid { fill: currentColor; }

.bar {
  position: absolute; inset: auto 0 0 0; display: flex; align-items: center; gap: 2px;
  padding: 44px max(10px, env(safe-area-inset-right)) max(8px, env(safe-area-inset-bottom))
    max(10px, env(safe-area-inset-left));
  background: linear-gradient(to top, rgb(0 0 0 / 0.82), rgb(0 0 0 / 0.66) 50%, transparent);
  pointer-events: none;
  transition: opacity 0.18s, transform 0.18s;
}
.bar > * { pointer-events: auto; }
.bar button { display: grid; place-items: center; min-width: 40px; height: 40px; }
.bar button:not(.live) { width: 40px; }
.bar button:hover { background: rgb(255 255 255 / 0.16); }
.bar button:active { background: rgb(255 255 255 / 0.26); }
.bar button[aria-pressed="true"] { color: #ffcf8a; }
.bar .space { flex: 1; pointer-events: none; }
.volume { display: flex; align-items: center; }
.volume input {
  width: 78px; height: 24px; margin: 0 8px 0 2px; cursor: pointer; appearance: none;
  -webkit-appearance: none; background: transparent; border-radius: 8px;
}
.volume input::-webkit-slider-runnable-track {
  height: 4px; border-radius: 2px;
  background: linear-gradient(to right, #fff var(--level, 100%), rgb(255 255 255 / 0.32) 0);
}
.volume input::-webkit-slider-thumb {
  -webkit-appearance: none; width: 14px; height: 14px; margin-top: -5px; border-radius: 50%;
  background: #fff; border: 0; box-shadow: 0 1px 3px rgb(0 0 0 / 0.5);
}
.volume input::-moz-range-track { height: 4px; border-radius: 2px; background: rgb(255 255 255 / 0.32); }
.volume input::-moz-range-progress { height: 4px; border-radius: 2px; background: #fff; }
.volume input::-moz-range-thumb { width: 14px; height: 14px; border: 0; background: #fff; }

.bar .live {
  display: flex; gap: 8px; align-items: center; padding: 0 12px; min-width: 0; height: 32px;
  border-radius: 16px; background: rgb(0 0 0 / 0.6); font-weight: 600; white-space: nowrap;
}
.live .words { overflow: hidden; text-overflow: ellipsis; }
.live .delay { font-weight: 400; opacity: 0.85; font-variant-numeric: tabular-nums; }
.live .delay:empty { display: none; }
.dot { width: 8px; height: 8px; border-radius: 50%; background: #aab; flex: none; }
[data-state="live"] .dot { background: var(--accent_); animation: pulse 2s infinite; }
[data-state="catching-up"] .dot { background: #ffb454; }
.waiting .dot, [data-state="slow"] .dot { background: #ffb454; }
[data-state="failed"] .dot, [data-state="refused"] .dot { background: #ff8a80; }
@keyframes pulse {
  0% { box-shadow: 0 0 0 0 color-mix(in srgb, var(--accent_) 60%, transparent); }
  70%, 100% { box-shadow: 0 0 0 7px transparent; }
}

.centre {
  position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center;
  justify-content: center; gap: 14px; padding: 24px 24px 56px; text-align: center;
  pointer-events: none; opacity: 0; transition: opacity 0.2s;
}
.waiting .centre, .press-play .centre, [data-state="failed"] .centre, [data-state="refused"] .centre {
  opacity: 1; background: radial-gradient(ellipse at center, rgb(5 7 12 / 0.78), rgb(5 7 12 / 0.5));
}
/* The picture then is the server's own, with the same words. */
[data-state="source-lost"] .centre, [data-state="source-starting"] .centre { background: #0b0d12; }
.waiting .centre { transition-delay: 0.45s; }
/* It is the source's last one, which the server has darkened. */
.old-picture .centre { background: none; transition: none; }
.press-play.picture .centre { background: rgb(5 7 12 / 0.3); }
.spinner {
  display: none; width: 42px; height: 42px; border-radius: 50%; border: 3px solid rgb(255 255 255 / 0.22);
  border-top-color: #fff; animation: turn 0.9s linear infinite; flex: none;
}
.waiting .spinner { display: block; }
@keyframes turn { to { transform: rotate(1turn); } }
.message p { margin: 0; max-width: 34em; text-wrap: balance; text-shadow: 0 1px 3px rgb(0 0 0 / 0.6); }
.headline { font-size: 19px; font-weight: 600; }
.explanation { margin-top: 4px !important; color: rgb(255 255 255 / 0.86); }
.explanation:empty { display: none; }
[data-state="paused"] .message, [data-state="idle"] .message { display: none; }
.big {
  display: none; width: 84px; height: 84px; border-radius: 50%; place-items: center;
  background: rgb(16 18 24 / 0.72); border: 1px solid rgb(255 255 255 / 0.28); pointer-events: auto;
  transition: transform 0.15s, background 0.15s;
}
.press-play .big { display: grid; }
.big svg { width: 42px; height: 42px; }
.big:hover { background: var(--accent_); transform: scale(1.05); }

.sound {
  position: absolute; bottom: 68px; left: 50%; transform: translateX(-50%); display: flex; align-items: center;
  gap: 8px; padding: 0 16px 0 12px; height: 40px; border-radius: 20px; font-weight: 600; white-space: nowrap;
  background: rgb(255 255 255 / 0.96); color: #14161c; box-shadow: 0 2px 10px rgb(0 0 0 / 0.35);
  transition: opacity 0.3s, visibility 0.3s;
}
.sound:hover { background: #fff; }
.sound svg { width: 22px; height: 22px; }

.panel {
  position: absolute; top: 12px; right: 12px; max-height: calc(100% - 76px); overflow: auto; z-index: 2;
  padding: 12px 14px; border-radius: 12px; background: var(--panel_); font-size: 12.5px;
  border: 1px solid rgb(255 255 255 / 0.12); box-sizing: border-box;
  backdrop-filter: blur(10px); -webkit-backdrop-filter: blur(10px);
  user-select: text; -webkit-user-select: text;
}
.panel h2 { margin: 0 36px 8px 0; font-size: 13px; font-weight: 600; }
.panel .close { position: absolute; top: 6px; right: 6px; width: 32px; height: 32px; display: grid;
  place-items: center; }
.panel .close:hover { background: rgb(255 255 255 / 0.16); }
.panel .close svg { width: 18px; height: 18px; }
.panel dl { display: grid; grid-template-columns: auto auto; gap: 2px 14px; margin: 0; }
.panel dt { color: rgb(255 255 255 / 0.72); }
.panel dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.statistics { width: 318px; max-width: calc(100% - 24px); }
.statistics canvas { display: block; width: 100%; height: 74px; margin-top: 10px; }
.legend { display: flex; gap: 14px; margin: 4px 0 0 44px; color: rgb(255 255 255 / 0.72); }
.legend .latency { color: #ffb454; }
.legend .buffer { color: #6cc7ff; }
.help { max-height: calc(100% - 24px); }
.help dl { gap: 7px 16px; align-items: center; }
.help dd { text-align: left; }
.help dt { display: flex; gap: 4px; }
kbd {
  display: inline-block; min-width: 18px; padding: 2px 7px; border-radius: 6px; text-align: center;
  font: inherit; background: rgb(255 255 255 / 0.14); border: 1px solid rgb(255 255 255 / 0.2); color: #fff;
}
.toast {
  position: absolute; left: 50%; top: 16px; margin: 0; transform: translate(-50%, -8px); opacity: 0;
  padding: 8px 16px; border-radius: 18px; background: var(--panel_); pointer-events: none;
  transition: opacity 0.2s, transform 0.2s;
}
.toast.shown { opacity: 1; transform: translate(-50%, 0); }

.quiet .bar { opacity: 0; transform: translateY(8px); }
.quiet .bar > * { pointer-events: none; }
.quiet .surface { cursor: none; }
.quiet:not(.offering) .sound:not(:focus-visible) { opacity: 0; visibility: hidden; }
.bar:focus-within:has(:focus-visible) { opacity: 1; transform: none; }
.bare .bar, .bare .sound { display: none; }

@container (max-width: 560px) or (max-height: 320px) {
  .volume input { display: none; }
  .headline { font-size: 16px; }
  .big { width: 68px; height: 68px; }
  .bar { padding-top: 28px; }
  .sound { bottom: 56px; height: 34px; padding: 0 12px 0 8px; }
  /* Only the numbers that matter most, beside a picture that stays visible. */
  .statistics { top: 6px; right: 6px; width: auto; max-height: calc(100% - 12px); padding: 6px 34px 6px 10px; font-size: 11px;
    line-height: 1.3; background: rgb(16 18 24 / 0.72); backdrop-filter: none; -webkit-backdrop-filter: none; }
  .statistics h2, .statistics canvas, .statistics .legend, .statistics .more { display: none; }
  .statistics dl { gap: 1px 10px; }
  .help { inset: 6px; max-height: none; padding: 8px 12px; }
  .help dl { grid-template-columns: repeat(2, auto auto); gap: 5px 10px; font-size: 12px; line-height: 1.2; }
  .help .more { display: none; }
}
@container (max-width: 420px) {
  .bar { gap: 0; padding-left: 4px; padding-right: 4px; }
  .bar .live { padding: 0 10px; gap: 6px; }
  .bar [part~="help-button"], .bar [part~="snapshot-button"] { display: none; }
  .sound span { display: none; }
  .sound { width: 36px; padding: 0; height: 36px; justify-content: center; }
}
@container (max-width: 330px) or (max-height: 150px) {
  .centre { padding: 8px 8px 40px; gap: 6px; }
  .spinner { width: 26px; height: 26px; }
  .headline { font-size: 14px; }
  .explanation { font-size: 12px; margin: 0 !important; }
  .big { width: 52px; height: 52px; }
  .big svg { width: 28px; height: 28px; }
  .live .delay { display: none; }
  .bar [part~="statistics-button"], .bar [part~="pip-button"] { display: none; }
}
@container (max-width: 220px) or (max-height: 110px) {
  .bar { padding: 0 2px; background: rgb(0 0 0 / 0.66); }
  .bar button, .bar button:not(.live) { width: 30px; min-width: 30px; height: 28px; }
  .bar .live, .bar .volume, .explanation { display: none; }
  .centre { padding-bottom: 28px; }
  .sound { bottom: auto; top: 4px; left: auto; right: 4px; transform: none; width: 28px; height: 28px; }
  .sound svg { width: 18px; height: 18px; }
  .big { width: 40px; height: 40px; }
}
@media (pointer: coarse) {
  .volume input { display: none; }
  .bar button, .panel .close { min-width: 44px; height: 44px; }
  .panel { padding-right: 46px !important; }
  .bar button:not(.live) { width: 44px; }
  .bar .live { height: 36px; }
}
/* No keys where there is no keyboard. */
@media (hover: none) and (pointer: coarse) { .bar [part~="help-button"] { display: none; } }
@media (prefers-reduced-motion: reduce) {
  *, *::before { transition: none !important; }
  .dot { animation: none !important; }
  .spinner { animation-duration: 3s; }
}
@media (forced-colors: active) {
  .bar, .panel, .toast, .message { background: Canvas; color: CanvasText; }
  .bar { padding-top: 8px; }
  .panel, .toast { border: 1px solid CanvasText; }
  button, .bar .live { background: ButtonFace; color: ButtonText; border: 1px solid ButtonText; forced-color-adjust: none; }
  button:hover, button:focus-visible, .bar .live:hover { background: Highlight; color: HighlightText; }
  .bar .dot, [data-state="live"] .dot { background: CanvasText; }
  .volume input { appearance: auto; -webkit-appearance: auto; }
}
`;

/** @type {WeakMap<Document, CSSStyleSheet>} */
const sheets = new WeakMap();

/**
 * The style sheet, shared by all players of a document; another document cannot use it.
 * @param {Document} owner
 */
export function sheet(owner) {
  let made = sheets.get(owner);
  if (!made) {
    made = emptySheet(owner);
    made.replaceSync(kCss);
    sheets.set(owner, made);
  }
  return made;
}

/** @param {Document} owner */
export function emptySheet(owner) {
  const maker = /** @type {typeof globalThis | null} */ (owner.defaultView) ?? globalThis;
  return new maker.CSSStyleSheet();
}
