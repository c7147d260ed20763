/* The worker that simulates: one, while the page is looked at. */

let worker = null;
const asked = new Map();
let lastNumber = 0;

/** Asks the worker; the answer, or an error that says why there is none. */
function ask(message) {
    return new Promise((resolve, reject) => {
        if (!worker) { reject(new Error("the simulation has been stopped")); return; }
        asked.set(++lastNumber, { resolve, reject });
        worker.postMessage({ number: lastNumber, ...message });
    });
}
async function startWorker() {
    const address = URL.createObjectURL(new Blob([by("worker").textContent], { type: "text/javascript" }));
    worker = new Worker(address);
    worker.onmessage = ({ data: { number, answer, broken } }) => {
        const { resolve, reject } = asked.get(number);
        asked.delete(number);
        if (broken != null) { stopWorker(); reject(new Error(broken)); } else if (answer.error) reject(new Error(answer.error)); else resolve(answer);
    };
    await ask({ core: by("core").textContent });
    URL.revokeObjectURL(address);
}
/** Its memory goes with it. */
function stopWorker() {
    worker?.terminate();
    worker = null;
    for (const { reject } of asked.values()) reject(new Error("the simulation has been stopped"));
    asked.clear();
}
