// SPDX-License-Identifier: MIT
/*
 * The sample and the test subject: says hello when it is loaded, and can misbehave on request, each time in one way
 * that a kernel developer meets. It builds against any kernel tree: see the Makefile.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/string.h>

/* What tells one build from another: make HELLO_VERSION=2 */
#ifndef HELLO_VERSION
#define HELLO_VERSION "1"
#endif

static char *mode = "hello";
module_param(mode, charp, 0444);
MODULE_PARM_DESC(mode, "hello (default), fail, warn, oops, hang or lockup");

static char *build = HELLO_VERSION;
module_param(build, charp, 0444);
MODULE_PARM_DESC(build, "the version that it was built as; read it in /sys/module/hello/parameters/build");

/* A kernel bug that ends the task: modprobe dies, the kernel lives on (with oops=panic it does not). */
static noinline void read_nowhere(void)
{
	pr_info("about to read from address 8\n");
	READ_ONCE(*(volatile int *)8);
}

static int __init hello_init(void)
{
	pr_info("hello from build %s, mode %s\n", HELLO_VERSION, mode);

	if (!strcmp(mode, "hello"))
		return 0;
	if (!strcmp(mode, "fail"))
		return -EIO;
	if (!strcmp(mode, "warn")) {
		WARN(1, "hello: a warning, as asked\n");
		return 0;
	}
	if (!strcmp(mode, "oops")) {
		read_nowhere();
		return 0;
	}
	if (!strcmp(mode, "hang")) {
		/* Uninterruptible for ever: a hung task, reported after kernel.hung_task_timeout_secs. */
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
		return 0;
	}
	if (!strcmp(mode, "lockup")) {
		/* One CPU spins with preemption off: a soft lockup, reported after twice kernel.watchdog_thresh. */
		preempt_disable();
		for (;;)
			cpu_relax();
	}

	pr_err("mode=%s is not known: hello, fail, warn, oops, hang or lockup\n", mode);
	return -EINVAL;
}

static void __exit hello_exit(void)
{
	pr_info("goodbye from build %s\n", HELLO_VERSION);
}

module_init(hello_init);
module_exit(hello_exit);

MODULE_DESCRIPTION("Says hello, or misbehaves on request");
MODULE_AUTHOR("the vm project");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_VERSION(HELLO_VERSION);
