// node-sd-webui as it is; its fetch is wrapped for the key, which it has no setting for.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [url, key, folder] = process.argv.slice(2);
const plain = globalThis.fetch;
globalThis.fetch = (address, options = {}) =>
    plain(address, { ...options, headers: { ...options.headers, Authorization: `Bearer ${key}` } });

const found = createRequire(`${process.cwd()}/`).resolve('node-sd-webui');
const { default: sdwebui } = await import(pathToFileURL(found.replace('/cjs/', '/esm/')));
const client = sdwebui({ apiUrl: url });
const asked = {
    prompt: 'a red fox', seed: 7, steps: 6, cfgScale: 7, width: 128, height: 128, samplingMethod: 'Euler',
};
const { images: drawn } = await client.txt2img(asked);
const picture = readFileSync(`${folder}/start.png`).toString('base64');
const { images: begun } = await client.img2img({ ...asked, imageData: [picture] });
const read = await client.pngInfo({ imageData: drawn[0] });
process.stdout.write(JSON.stringify({ drawn, begun, read }));
