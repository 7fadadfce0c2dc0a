// Stores volume and muting between visits. Storage may be forbidden, full or absent; the defaults are used then.

const kKey = 'live-player';

/** @typedef {{volume: number, muted: boolean | null}} Preferences muted: null when never chosen */

/** @returns {Preferences} */
export function readPreferences() {
  try {
    /** @type {unknown} */
    const value = JSON.parse(localStorage.getItem(kKey) ?? 'null');
    if (typeof value === 'object' && value !== null) {
      const { volume, muted } = /** @type {{volume?: unknown, muted?: unknown}} */ (value);
      return {
        volume: typeof volume === 'number' && volume >= 0 && volume <= 1 ? volume : 1,
        muted: typeof muted === 'boolean' ? muted : null,
      };
    }
  } catch {
    // Use the defaults.
  }
  return { volume: 1, muted: null };
}

/** @param {Preferences} preferences */
export function writePreferences(preferences) {
  try {
    localStorage.setItem(kKey, JSON.stringify(preferences));
  } catch {
    // The choice is not stored.
  }
}
