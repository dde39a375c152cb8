/**
 * What a line of a report is. `text`: all that a person reads first; `frame`: a call in a stack; `registers` and `code`: what only
 * matters to who reads machine code; `furniture`: modules, hardware, rules between parts; `stack`: the head or end of a stack.
 */
export type LineRole = "text" | "frame" | "stack" | "registers" | "code" | "furniture" | "end";

/**
 * What a message is in a report; null for what could be anybody's. It need not be sure: it only decides where a report ends that has no
 * end mark. Sources: arch/{x86,arm64,riscv,loongarch,s390,powerpc,arm}: show_regs(), show_stack(), die(), the faults of mm/fault.c;
 * lib/dump_stack.c; kernel/panic.c; mm/kasan/report.c; mm/slub.c; mm/debug.c; kernel/sched/core.c.
 */
export function lineRole(text: string): LineRole | null {
  for (const [role, pattern] of SHAPES) if (pattern.test(text)) return role;
  return null;
}

const SHAPES: readonly (readonly [LineRole, RegExp])[] = [
  ["end", /^---\[ end (?:trace|Kernel panic)/],
  // `RIP: 0010:read_nowhere+0x5/0xff0 [hello]`, `pc : ...`, `lr : ...`, `epc : ... ra : ...`, `NIP [c000] ...`, `ERA: 9000 ...`, `PC is at`.
  [
    "frame",
    /^\s*(?:RIP: |EIP: |pc ?: |lr ?: |epc ?: | ?ra ?: |\s*ERA: |NIP |LR |PC is at |LR is at |Krnl PSW : ).*\+0x[0-9a-f]+\/0x[0-9a-f]+/,
  ],
  ["frame", /^\s*(?:\? |\(?\[<?[0-9a-f]{8,16}>?\] ?|#\d+: |\()*[\w.$]+\+0x[0-9a-f]+\/0x[0-9a-f]+/],
  // Where the kernel has no names.
  [
    "frame",
    /^\s*(?:RIP: 0010:|EIP: 0060:|(?:pc|lr|epc) : |PC is at |LR is at |\? |)0x(?:(?:ffff|9000)[0-9a-f]{12}|[89a-f][0-9a-f]{7})$/,
  ],
  [
    "stack",
    /^\s*(?:Call [Tt]race:|Backtrace:|<\/?[A-Z#]+\d?>$|stack backtrace:|Last Breaking-Event-Address:)/,
  ],
  [
    "stack",
    /^(?:task:\S|NMI backtrace for cpu|Sending NMI from CPU|Backtrace for|Stack dump where|Exception stack)/,
  ],
  [
    "registers",
    /^\s*(?:R[A-Z0-9]{2}: ?[0-9a-f]|RSP: |E[A-Z]{2}: ?[0-9a-f]|[CDEFGS]S: {1,2}[0-9a-f]|CR[0-4]: |DR[0-7]: |PKRU: |ORIG_RAX: |RIP: |EIP: |EFLAGS: )/,
  ],
  [
    "registers",
    /^\s*(?:[xr]\d{1,2} ?: [0-9a-f]|[sp]p ?: [0-9a-f]|pc ?: [0-9a-f]|lr ?: [0-9a-f]|pstate: |pmr: |psr: |Flags: |Control: |(?:gp|tp|ra|epc|[tsa]\d{1,2}|ssp) ?: [0-9a-f]|status: [0-9a-f]{8})/,
  ],
  [
    "registers",
    /^\s*(?:(?:pc|a0|a4|t0|t4|t8|s1|s5) [0-9a-f]{16} |(?:CRMD|PRMD|EUEN|ECFG|ESTAT|BADV|PRID|ERA|ra): |Krnl (?:PSW|GPRS): ?|Krnl PSW : |R:\d |GPR\d\d: |MSR: |CFAR: |IRQMASK: |NIP: |LR: )/,
  ],
  ["registers", /^\s{6,}(?:[0-9a-f]{16} ?){2,4}$/],
  [
    "code",
    /^\s*(?:Code: ?|Krnl Code: ?|Instruction dump:|Stack : ?|Stack: ?|[0-9a-f]{8} [0-9a-f]{8} [0-9a-f]{8} [0-9a-f]{8})/,
  ],
  ["code", /^\s*(?:\(<?[0-9a-f]{8}>?\)|[0-9a-f]{16}: [0-9a-f]{12}\s)/],
  ["code", /^(?: |>)[0-9a-f]{8,16}: (?:[0-9a-f.]{2}[ \]]?){8,}|^ +\^(?: +\^)*$/],
  [
    "furniture",
    /^(?:CPU: ?\d+ |CPU \d+ |Hardware name: |Modules linked in:|Unloaded tainted modules|Tainted: |\[last unloaded: |Workqueue: |Stopper: |Kernel Offset: |Dumping ftrace|Rebooting in |SMP: stopping|PHYS_OFFSET: |CPU features: |Memory Limit: |Process \S.*\(pid: |note: |={20,}$|-{20,}$|Internal error: )/,
  ],
  [
    "text",
    /^(?:#PF: |PGD |\*pd[ep] = |BUG: |Oops|WARNING: |Kernel panic - |KASAN: |Unable to handle |Mem abort info:|Data abort info:|swapper pgtable|user pgtable|Current \S+ pgtable|\[[0-9a-f]{8,16}\] (?:p4d|pgd|address|user address|\*pgd)|Faulting instruction|BE PAGE|BAD$|CPU#\d+ |Fixing recursive fault|Thread overran stack|traps: )/,
  ],
  ["text", /^ {2}(?:ESR|EC|SET|EA|FSC|ISV|CM|GCS|SF|Xs|SSE|Access size|FnV|SRT)\b.* = /],
  [
    "text",
    /^(?:Read of size|Write of size|Read at|Write at|Free of addr|(?:Allocated|Freed|Last potentially related|Second to last potentially) |The buggy address|which belongs to|allocated \d|freed \d|Memory state around|page(?: last|: |dumped)|flags: 0x|raw: |page dumped|head: |Memory cgroup|memcg:|Object |Redzone|Padding|Slab 0x|Disabling lock debugging|FIX |Allocated in|Freed in|INFO: (?:Slab|Object|lockdep|Allocated|Freed))/,
  ],
  [
    "text",
    /^(?:in_atomic\(\)|preempt_count: |RCU nest depth|Preemption disabled at|\d+ locks? held by|no locks held by|\s*#\d+: |irq event stamp|(?:hard|soft)irqs last|last function:|softirqs last|INFO: lockdep is turned off)/,
  ],
  [
    "text",
    /^(?:\s+(?:Not tainted|Tainted: )|"echo 0 > |Blocked by|Showing all locks|Future hung task|INFO: task .* (?:is )?blocked)/,
  ],
  [
    "text",
    /^(?:(?:rcu: )?\s+\S|rcu: )(?=.*(?:idle=|jiffies|detected by|rcu_|kthread|hardirqs|number:|cputime:|RCU|Stack dump))/,
  ],
  ["text", /^\t#\d+: +\d+/],
];
