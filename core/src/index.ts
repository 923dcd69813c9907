// What the package offers to programs that run a hub themselves: load a config, start it, stop it.
export { loadConfig, type LoadedConfig } from './config/load-config.ts';
export { startHub, type Hub, type HubOptions } from './hub.ts';
