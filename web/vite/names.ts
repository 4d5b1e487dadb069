/**
 * Names the chunks after what is in them, so that a list of what a page loads can be read. The bundler takes a file's name, which for
 * packages is `dist` and for languages `en`.
 */
interface Chunk {
  name: string;
  facadeModuleId: string | null;
  moduleIds: string[];
}

/** Names of files that say nothing without the folder that they are in. */
const NEEDS_FOLDER = /^(?:en|zh|index|dist)$/;

export function chunkFileNames({ name, facadeModuleId, moduleIds }: Chunk): string {
  const file = facadeModuleId ?? moduleIds.at(-1) ?? name;
  const packaged = /\/node_modules\/(?:(@[^/]+)\/)?([^/]+)/.exec(file);
  const folder = /([^/]+)\/[^/]+$/.exec(file)?.[1];
  return `assets/${called()}-[hash].js`;

  function called(): string {
    if (packaged && NEEDS_FOLDER.test(name))
      return [packaged[1]?.slice(1), packaged[2]].filter(Boolean).join("-");
    return NEEDS_FOLDER.test(name) && folder ? `${folder}-${name}` : name;
  }
}
