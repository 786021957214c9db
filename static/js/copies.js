// The copies in this browser (IndexedDB) of what the server has not acknowledged, a copy for each page that holds such
// a text: {id, person, interview, position, title, address to save to, page, text, revision it is based on, at}.
//
// A copy belongs to its page while that page lives, which holds a lock of the copy's name. So no page sends or takes
// over what another is still writing. Every promise here is rejected where the browser has no such store.

import { recall, remember } from "./remember.js";

const STORE = "copies";
const SHARED = "greenroom:shared-computer";
let opening;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("greenroom", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.onclose = () => (opening = undefined); // the browser's own "clear data" closes it
      resolve(request.result);
    };
  });
  return opening;
}

// Runs ask(store) in a transaction, and gives its request's result when that is on the disk.
async function within(mode, ask) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode, { durability: "strict" });
    const request = ask(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

export const keep = (copy) => within("readwrite", (store) => store.put(copy));
export const drop = (id) => within("readwrite", (store) => store.delete(id));
export const wipeAll = () => within("readwrite", (store) => store.clear());

// The oldest first.
export async function all() {
  const copies = await within("readonly", (store) => store.getAll());
  return copies.sort((one, other) => one.at - other.at);
}

export const ofPerson = async (person) => (await all()).filter((copy) => copy.person === person);

export async function wipe(person) {
  await Promise.all((await ofPerson(person)).map((copy) => drop(copy.id)));
}

// The server has taken text as revision: the copy goes if it says just that, and is based on it if more was typed.
export function acknowledge(id, text, revision) {
  return within("readwrite", (store) => {
    const request = store.get(id);
    request.onsuccess = () => {
      if (request.result?.text === text) store.delete(id);
      else if (request.result) store.put({ ...request.result, revision });
    };
    return request;
  });
}

const lockOf = (id) => `greenroom:copy:${id}`;

// Runs action while no other page holds the copy; gives its result, or undefined if another page holds it.
export function borrow(id, action) {
  if (!navigator.locks) return action();
  return navigator.locks.request(lockOf(id), { ifAvailable: true }, (lock) => (lock ? action() : undefined));
}

// Waits until the page that holds the copy is closed.
export const whenFree = (id) => navigator.locks.request(lockOf(id), () => undefined);

// Holds the copy for as long as this page lives; tells whether it could. A page that is just being left (a reload) is
// waited for.
export const claim = (id) =>
  new Promise((resolve) => {
    if (!navigator.locks) return resolve(true);
    const hold = () => {
      resolve(true);
      return new Promise(() => {});
    };
    navigator.locks.request(lockOf(id), { signal: AbortSignal.timeout(1000) }, hold).catch(() => resolve(false));
  });

// Whether somebody has said that others use this computer too.
export const isShared = () => recall(SHARED) === "yes";
export const setShared = (shared) => remember(SHARED, shared ? "yes" : "no");
