/** @returns {CSSStyleSheet} */
export function sheet() { const s = new CSSStyleSheet(); s.replaceSync(':host{display:block;position:relative;background:#000;aspect-ratio:16/9}.stage{position:absolute;inset:0}video{position:absolute;inset:0;width:100%;height:100%;z-index:0}video:first-child{z-index:1}'); return s; }
