// What this browser remembers of a choice. Where storage is switched off it forgets, and nothing else changes.

export function recall(key, storage = "localStorage") {
  try {
    return window[storage].getItem(key);
  } catch {
    return null;
  }
}

export function remember(key, value, storage = "localStorage") {
  try {
    window[storage].setItem(key, value);
  } catch {
    // forgotten
  }
}
