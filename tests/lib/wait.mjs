// Waits for conditions instead of fixed times.

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Polls `condition` (may be async) until it is truthy and returns that; throws after `seconds`, naming `what`.
export async function until(what, condition, { seconds = 15, every_ms = 25 } = {}) {
  const deadline = Date.now() + seconds * 1000;
  let error;
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      error = undefined;
    } catch (caught) {
      error = caught;
    }
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}${error ? ` (${error.message})` : ''}`);
    await sleep(every_ms);
  }
}

// `promise`, or an error naming `what` after `seconds`.
export async function within(what, promise, seconds) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${seconds} s: ${what}`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
