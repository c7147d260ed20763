// What the tests of pages have in common.
"use strict";

/** Milliseconds in which a page must have done what it was asked to. */
const PATIENCE = 10000;

/** Holds now, or fails. */
function check(truth, what) {
    if (!truth) throw new Error(what);
    console.log(`ok: ${what}`);
}

/**
 * Comes to hold, or fails. A browser answers keys, clicks and sizes by events of its own time, so what follows from an act is asked
 * for until it is so, never once.
 */
async function becomes(holds, what) {
    for (const end = Date.now() + PATIENCE; ;) {
        // What is not there yet may fail to be read.
        const held = await Promise.resolve().then(holds).catch((error) => { if (Date.now() >= end) throw error; return false; });
        if (held || Date.now() >= end) return check(held, what);
        await new Promise((then) => setTimeout(then, 20));
    }
}

module.exports = { check, becomes };
