/** As much of GDB's remote serial protocol as counting needs: packets over two streams. */

export interface DebugSession {
  /** Sends a packet and waits for its answer; null once the other side has gone. */
  request(text: string): Promise<string | null>;
  /** A command of QEMU's monitor, and what it prints. */
  monitor(command: string): Promise<string>;
  /** Asks a running target to stop; the pending `request` of `c` gets the answer. */
  interrupt(): void;
}

/** `$text#checksum` (sum of the bytes modulo 256). */
export function encodePacket(text: string): string {
  const sum = [...text].reduce((total, character) => total + character.charCodeAt(0), 0) & 0xff;
  return `$${text}#${sum.toString(16).padStart(2, '0')}`;
}

/** The first complete packet in `heard` and what follows it; acknowledgements in front of it are dropped. */
export function takePacket(heard: string): { readonly packet: string; readonly rest: string } | null {
  const match = /\$([^#]*)#[0-9a-f]{2}/.exec(heard);
  return match === null ? null : { packet: match[1] ?? '', rest: heard.slice(match.index + match[0].length) };
}

export function openSession(input: NodeJS.WritableStream, output: NodeJS.ReadableStream): DebugSession {
  let heard = '';
  let isOpen = true;
  const packets: string[] = [];
  const waiting: ((packet: string | null) => void)[] = [];
  const deliver = (): void => {
    for (let taken = takePacket(heard); taken !== null; taken = takePacket(heard)) {
      heard = taken.rest;
      packets.push(taken.packet);
      input.write('+');
    }
    while (waiting.length > 0 && (packets.length > 0 || !isOpen)) waiting.shift()?.(packets.shift() ?? null);
  };
  output.on('data', (chunk) => {
    heard += Buffer.from(chunk).toString('latin1');
    deliver();
  });
  output.on('close', () => {
    isOpen = false;
    deliver();
  });
  const answer = async (): Promise<string | null> =>
    await new Promise((resolve) => {
      waiting.push(resolve);
      deliver();
    });
  const request = async (text: string): Promise<string | null> => {
    input.write(encodePacket(text));
    return await answer();
  };
  return {
    request,
    monitor: async (command) => {
      const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
      let printed = '';
      for (
        let part = await request(`qRcmd,${hex(command)}`);
        part !== null && part !== 'OK' && part !== '' && !/^E[0-9a-f]{2}$/.test(part);
        part = await answer()
      )
        printed += Buffer.from(part.startsWith('O') ? part.slice(1) : part, 'hex').toString('latin1');
      return printed;
    },
    interrupt: () => {
      input.write('\x03');
    },
  };
}
