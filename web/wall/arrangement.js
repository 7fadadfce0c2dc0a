// The viewer's arrangement of the wall: order, large tiles, columns. Kept between visits; storage may be forbidden, full
// or absent, and the arrangement then lasts as long as the page.

const kKey = 'live-wall';

/** @param {unknown} value */
const names = (value) => (Array.isArray(value) ? value.filter((name) => typeof name === 'string') : []);

export class Arrangement {
  constructor() {
    /** Names, those of cameras that are gone too. @type {string[]} */
    this.order = [];
    /** @type {Set<string>} */
    this.large = new Set();
    /** 0: as many as fit the window best. */
    this.columns = 0;
    try {
      /** @type {Record<string, unknown>} */
      const { order, large, columns } = JSON.parse(localStorage.getItem(kKey) ?? '{}');
      this.order = names(order);
      this.large = new Set(names(large));
      if (Number.isInteger(columns) && Number(columns) > 0) this.columns = Number(columns);
    } catch {
      // Use the defaults.
    }
  }

  save() {
    const { order, large, columns } = this;
    try {
      localStorage.setItem(kKey, JSON.stringify({ order, large: [...large], columns }));
    } catch {
      // It is not stored.
    }
  }

  /**
   * @param {string[]} present
   * @returns {string[]} those in the viewer's order, new ones last
   */
  sorted(present) {
    return [...this.order.filter((name) => present.includes(name)), ...present.filter((name) => !this.order.includes(name))];
  }

  /**
   * Gives a camera the place of another one.
   * @param {string[]} present in their present order
   * @param {string} name
   * @param {string} place
   */
  move(present, name, place) {
    const to = present.indexOf(place);
    if (to < 0 || name === place) return;
    const moved = present.filter((other) => other !== name);
    moved.splice(to, 0, name);
    this.order = [...moved, ...this.order.filter((other) => !present.includes(other))];
    this.save();
  }

  /** @param {string} name */
  toggleLarge(name) {
    if (!this.large.delete(name)) this.large.add(name);
    this.save();
  }
}
