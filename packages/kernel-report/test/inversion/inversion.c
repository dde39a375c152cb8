// SPDX-License-Identifier: MIT
/* Makes a kernel with lockdep or KCSAN complain, for the consoles of ../corpus (tools/kernel-consoles.mjs). */
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *mode = "locks";
module_param(mode, charp, 0444);
MODULE_PARM_DESC(mode, "locks (default), sleep, rcu, both or race");

static DEFINE_MUTEX(one);
static DEFINE_MUTEX(two);
static DEFINE_SPINLOCK(spin);
static int counter;
static int *pointer = &counter;

static noinline void one_then_two(void)
{
	mutex_lock(&one);
	mutex_lock(&two);
	mutex_unlock(&two);
	mutex_unlock(&one);
}

static noinline void two_then_one(void)
{
	mutex_lock(&two);
	mutex_lock(&one);
	mutex_unlock(&one);
	mutex_unlock(&two);
}

static noinline void sleep_in_spinlock(void)
{
	spin_lock(&spin);
	msleep(1);
	spin_unlock(&spin);
}

static noinline void dereference_without_lock(void)
{
	pr_info("inversion: read %d\n", *rcu_dereference(pointer));
}

static int count(void *unused)
{
	int i;

	for (i = 0; i < 2000000; i++) {
		counter++;
		if (i % 1000 == 0)
			cond_resched();
	}
	return 0;
}

static int warn(void *text)
{
	int i;

	for (i = 0; i < 3; i++)
		WARN(1, "inversion: %s, %d\n", (char *)text, i);
	return 0;
}

static int __init inversion_init(void)
{
	if (!strcmp(mode, "locks")) {
		one_then_two();
		two_then_one();
	} else if (!strcmp(mode, "sleep")) {
		sleep_in_spinlock();
	} else if (!strcmp(mode, "rcu")) {
		dereference_without_lock();
	} else if (!strcmp(mode, "race")) {
		kthread_run(count, NULL, "one");
		kthread_run(count, NULL, "two");
	} else if (!strcmp(mode, "both")) {
		kthread_run(warn, "the first thread", "first");
		kthread_run(warn, "the second thread", "second");
	} else {
		return -EINVAL;
	}
	return 0;
}

static void __exit inversion_exit(void)
{
}

module_init(inversion_init);
module_exit(inversion_exit);

MODULE_DESCRIPTION("Makes lockdep and KCSAN complain");
MODULE_LICENSE("Dual MIT/GPL");
