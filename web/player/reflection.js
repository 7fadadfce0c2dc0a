// The properties of <live-player> that reflect attributes, as those of <video> do. Frameworks set properties where an
// element has them, else attributes.

export class ReflectingElement extends HTMLElement {
  /** The absolute address; empty without the attribute. */
  get src() {
    const value = this.getAttribute('src') ?? '';
    try {
      return value && new URL(value, this.baseURI).href;
    } catch {
      return value;
    }
  }

  set src(value) {
    this.reflectText_('src', value);
  }

  get autoplay() {
    return this.isOn_('autoplay');
  }

  set autoplay(value) {
    this.toggleAttribute('autoplay', Boolean(value));
  }

  get controls() {
    return this.isOn_('controls');
  }

  set controls(value) {
    this.toggleAttribute('controls', Boolean(value));
  }

  get defaultMuted() {
    return this.isOn_('muted');
  }

  set defaultMuted(value) {
    this.toggleAttribute('muted', Boolean(value));
  }

  /** `off`: never ask for sound. */
  get audio() {
    return this.getAttribute('audio') ?? '';
  }

  set audio(value) {
    this.reflectText_('audio', value);
  }

  /** `fetch`, `ws` or empty. */
  get transport() {
    return this.getAttribute('transport') ?? '';
  }

  set transport(value) {
    this.reflectText_('transport', value);
  }

  /** In ms, or empty. */
  get latencyFloor() {
    return this.getAttribute('latency-floor') ?? '';
  }

  set latencyFloor(value) {
    this.reflectText_('latency-floor', value);
  }

  /** The name of the camera, for people. */
  get label() {
    return this.getAttribute('label') ?? '';
  }

  set label(value) {
    this.reflectText_('label', value);
  }

  /**
   * "false" is off, unlike in HTML, because frameworks write it where they do not know the element yet.
   * @param {string} attribute
   */
  isOn_(attribute) {
    return (this.getAttribute(attribute) ?? 'false') !== 'false';
  }

  /**
   * @param {string} attribute
   * @param {unknown} value null and undefined remove the attribute, because frameworks set them for "none"
   */
  reflectText_(attribute, value) {
    if (value === null || value === undefined) this.removeAttribute(attribute);
    else this.setAttribute(attribute, String(value));
  }
}
