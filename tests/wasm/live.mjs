// Runs what a page that simulates holds, its worker and its core, without a browser:
// node tests/wasm/live.mjs PAGE.html FILE.toml; prints the hash of the final state, and that after a change, whose scenario goes
// into the file.
import { readFile, writeFile } from "node:fs/promises";
import vm from "node:vm";

const [page, file] = process.argv.slice(2);
const text = await readFile(page, "utf8");
const block = (id) => text.match(new RegExp(`id="${id}">([^]*?)</script>`))[1];
const { live } = JSON.parse(block("data"));

let heard;
const inside = { postMessage: (message) => heard(message), TextEncoder, TextDecoder, WebAssembly, Blob, Response, DecompressionStream, atob };
vm.runInNewContext(block("worker"), inside);
function ask(message) {
    return new Promise((resolve, reject) => {
        heard = ({ answer, broken }) => (broken || answer.error ? reject(new Error(broken || answer.error)) : resolve(answer));
        inside.onmessage({ data: message });
    });
}

await ask({ core: block("core") });
const { original } = await ask({ question: { open: { scenario: live.scenario, users: live.users, link: null } } });
const end = async () => (await ask({ question: { advance: 100000 } })).hash;
console.log(await end());
// The last one, which is not the first thing that happens, a week earlier; the others weaker, where they can be.
const interventions = structuredClone(original);
const last = interventions.sort((a, b) => a.from.localeCompare(b.from)).at(-1);
last.from = new Date(Date.parse(last.from) - 7 * 86400000).toISOString().slice(0, 10);
for (const one of interventions) if (one.severity) one.severity /= 2;
const { file: scenario } = await ask({ question: { interventions } });
console.log(await end());
await writeFile(file, scenario);
