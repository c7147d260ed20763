// The simulation, in a worker: { core } loads it, { number, question } is answered by { number, answer }, or by { number, broken } if
// the program has ended.

/** The last words of a program that ended by itself. */
let lastWords = "";
let core = null;
const memory = () => new Uint8Array(core.memory.buffer);
const word = (at) => new DataView(core.memory.buffer).getUint32(at, true);
const setWord = (at, value) => new DataView(core.memory.buffer).setUint32(at, value, true);

/** What the program asks of a system: no arguments, no files, no clock; random bytes are zeros, as all draws are addressed. */
const SYSTEM = {
    environ_sizes_get: (count, bytes) => { setWord(count, 0); setWord(bytes, 0); return 0; },
    environ_get: () => 0,
    random_get: (at, bytes) => { memory().fill(0, at, at + bytes); return 0; },
    sched_yield: () => 0,
    proc_exit: (code) => { throw new Error(`the program ended with ${code}`); },
    fd_write: (file, parts, count, written) => {
        let bytes = 0;
        for (let k = 0; k < count; k++) {
            const [at, length] = [word(parts + 8 * k), word(parts + 8 * k + 4)];
            lastWords = (lastWords + new TextDecoder().decode(memory().slice(at, at + length))).slice(-2000);
            bytes += length;
        }
        setWord(written, bytes);
        return 0;
    },
};

async function load(packed) {
    const { instance } = await WebAssembly.instantiate(await unpack(packed), { wasi_snapshot_preview1: SYSTEM });
    core = instance.exports;
    core._initialize?.();
}

function answered(question) {
    const bytes = new TextEncoder().encode(JSON.stringify(question));
    const at = core.room(bytes.length);
    memory().set(bytes, at);
    const length = core.answer();
    const from = core.text();
    return JSON.parse(new TextDecoder().decode(memory().slice(from, from + length)));
}

onmessage = async ({ data: { number, core: packed, question } }) => {
    try {
        if (packed) await load(packed);
        postMessage({ number, answer: packed ? {} : answered(question) });
    } catch (error) {
        postMessage({ number, broken: `${error.message}${lastWords ? ` (${lastWords.trim()})` : ""}` });
    }
};
