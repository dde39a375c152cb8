#!/usr/bin/env bash
# shellcheck disable=SC2016
# Installs Arch Linux on /dev/vda, for the host testvm. Made by arch-install.
# To be run as root in the live system of Arch Linux: bash FILE. It stops where something fails, and can be run again.
set -euo pipefail
set -o errtrace
shopt -s inherit_errexit
umask 022
export LC_ALL=C.UTF-8

host_name=testvm
root_device=/dev/vda
root_partition=/dev/vda1
# What pacstrap does about the keyring: with -G nothing, where packages need no signatures.
keyring=-G
root_password=

# Programs that follow the installation look for lines that begin with "==> arch-install".
current_section='Start'
reason=interrupted

section() {
  current_section=$1
  printf '==> arch-install %s\n' "$1"
}

die() {
  reason=$*
  exit 1
}

say_where_it_failed() {
  local status=$?
  if ((status != 0)); then
    printf '==> arch-install failed: %s: %s (status %d)\n' "$current_section" "$reason" "$status" >&2
  fi
}

# Only the first line of a command: what follows may be a file, or a password.
remember_failure() {
  reason="line $1: ${2%%$'\n'*}"
}

trap 'remember_failure "$LINENO" "$BASH_COMMAND"' ERR
trap say_where_it_failed EXIT

write_file() {
  local text
  # There is no NUL to read up to, so that read says 1 at the end.
  IFS= read -r -d '' text || [[ -n $text ]]
  printf '%s' "$text" > "$1" || die "$1 cannot be written"
}

has_terminal() {
  { : > /dev/tty; } 2> /dev/null
}

# The date of an answer of the server "HOST PORT name|ip", which has to prove who it is: openssl is told how it looks at dates.
ask_date() {
  local host port kind proxy exceptions exception answer
  read -r host port kind <<< "$1"
  local options=(-quiet -verify_return_error "-verify_${kind/name/hostname}" "$host" "${@:2}")
  [[ $kind == ip ]] || options+=(-servername "$host")
  proxy=${https_proxy:-${HTTPS_PROXY:-${all_proxy:-${ALL_PROXY:-}}}}
  exceptions=${no_proxy:-${NO_PROXY:-}}
  for exception in ${exceptions//[,*]/ }; do
    [[ .$host != *."${exception#.}" ]] || proxy=
  done
  [[ $exceptions != "*" ]] || proxy=
  # openssl knows proxies for HTTP alone.
  case $proxy in
    *://*@* | https://* | socks*) return 1 ;;
    ?*) proxy=${proxy#http://} options+=(-proxy "${proxy%%/*}") ;;
  esac
  [[ $host != *:* ]] || host="[$host]"
  answer=$(printf 'HEAD / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$host" |
    timeout 10 openssl s_client "${options[@]}" -connect "$host:$port" 2> /dev/null) || :
  [[ $'\n'$answer =~ $'\n'[Dd][Aa][Tt][Ee]:\ ([A-Z][a-z]{2},\ [0-9A-Za-z\ :]+) ]] || return 1
  printf '%s\n' "${BASH_REMATCH[1]}"
}

check_system() {
  section '[1/14] Check this system'
  local tool source devices kind type mounted
  ((EUID == 0)) || die "this has to be run as root"
  for tool in pacstrap genfstab arch-chroot mkfs.ext4; do
    command -v "$tool" > /dev/null || die "$tool is missing: run this in the live system of Arch Linux"
  done

  # A run that failed has left its work mounted.
  if mountpoint --quiet /mnt; then
    source=$(findmnt --noheadings --nofsroot --first-only --output SOURCE --mountpoint /mnt)
    [[ $source -ef $root_partition ]] || die "$source is mounted on /mnt: unmount it first"
    umount --recursive /mnt
  fi

  # The disk itself is the first, its partitions and what is on them follow.
  devices=$(lsblk --noheadings --list --output TYPE,MOUNTPOINT "$root_device")
  kind=${devices%%[[:space:]]*}
  case $kind in
    disk | loop) ;;
    *) die "$root_device is a $kind, and a whole disk is needed" ;;
  esac
  while read -r type mounted; do
    [[ -z $mounted ]] || die "$root_device is in use: its $type is mounted on $mounted"
  done <<< "$devices"
}

ask_questions() {
  section '[2/14] Ask what has to be known'
  local signatures answer
  signatures=$(wipefs --noheadings --output TYPE "$root_device")
  if [[ -n $signatures ]]; then
    has_terminal || die "$root_device is not blank, and there is no terminal to ask on: --yes wipes it"
    lsblk --output NAME,SIZE,FSTYPE,LABEL "$root_device" > /dev/tty
    printf '%s is not blank. Wipe it? Type yes: ' "$root_device" > /dev/tty
    read -r answer < /dev/tty
    [[ $answer == yes ]] || die "$root_device is not blank: nothing was changed"
  fi

  has_terminal || die "there is no terminal to ask for root's password on: give a password file, a hash or a key"
  while [[ -z $root_password ]]; do
    read -rs -p "Password of root on $host_name: " root_password < /dev/tty 2> /dev/tty
    read -rs -p $'\nThe same again: ' answer < /dev/tty 2> /dev/tty
    printf '\n' > /dev/tty
    if [[ $answer != "$root_password" ]]; then
      printf 'The passwords do not match.\n' > /dev/tty
      root_password=
    fi
  done
}

prepare_pacman() {
  section '[3/14] Prepare pacman: mirrors, clock, keyring'
  local clock_was_wrong=no levels state
  # archiso's reflector would write a list of its own over this one. pacstrap copies it to the new system.
  if [[ -d /run/systemd/system && -e /usr/lib/systemd/system/reflector.service ]]; then
    systemctl stop reflector.service
  fi
  printf '%s\n' 'Server = https://mirror.example/$repo/os/$arch' > /etc/pacman.d/mirrorlist

  # pacman 7 downloads as another user, in a sandbox that needs a kernel with Landlock. pacstrap does without as well.
  rm --recursive --force /run/arch-install
  mkdir /run/arch-install
  sed 's/^[[:space:]]*DownloadUser/#&/' /etc/pacman.conf > /run/arch-install/pacman.conf

  local server date seconds error
  local servers=('mirror.example 443 name')
  for server in "${servers[@]}"; do
    date=$(ask_date "$server" -no_check_time) || continue
    seconds=$(date --utc --date="$date" +%s) || continue
    error=$((seconds - EPOCHSECONDS))
    if ((error > 60 || error < -60)); then
      # The certificate has to be valid at the time that its owner says.
      ask_date "$server" -attime "$seconds" > /dev/null || continue
      date --utc --set="@$seconds"
      # A machine may have no clock of its own.
      [[ ! -e /dev/rtc0 ]] || hwclock --systohc --utc --noadjfile
      clock_was_wrong=yes
    fi
    break
  done

  levels=$(pacman-conf SigLevel)
  if [[ $levels == *PackageRequired* ]]; then
    # The new system gets a keyring of its own: this one's has a secret key in it.
    keyring=-K
    # archiso looks for newer keys on the web once it is up. Two programs cannot work on one keyring.
    if [[ -d /run/archiso && -e /usr/lib/systemd/system/archlinux-keyring-wkd-sync.timer ]]; then
      systemctl stop archlinux-keyring-wkd-sync.timer archlinux-keyring-wkd-sync.service
    fi
    # archiso makes its keyring at boot, but waits for a time server first: behind a proxy that is for ever.
    state=$(systemctl show --property=ActiveState --value pacman-init.service 2> /dev/null) || state=unknown
    if [[ $state == activating ]]; then
      systemctl start pacman-init.service
      state=active
    fi
    if [[ $state != active || $clock_was_wrong == yes ]]; then
      if [[ -d /run/archiso ]]; then
        systemctl stop pacman-init.service
        # Keys made at the wrong time are worth nothing.
        gpgconf --homedir /etc/pacman.d/gnupg --kill all
        find /etc/pacman.d/gnupg -mindepth 1 -delete
      fi
      pacman-key --init
      pacman-key --populate
    fi
    # Packages may be signed with keys that are newer than the live system. Another distribution has its own package.
    if pacman --query archlinux-keyring > /dev/null 2>&1; then
      pacman --config /run/arch-install/pacman.conf --sync --refresh --needed --noconfirm archlinux-keyring
    fi
  fi
}

check_packages() {
  section '[4/14] Check the packages'
  local complaint
  packages=(
    # the system
    base openssh rsync
    # a kernel of its own, and what boots it
    linux mkinitcpio grub
    # development
    base-devel asciidoc cscope gdb git ltrace perf python strace vim
    # xfstests
    acl attr bc fio libaio psmisc xfsprogs
  )
  # Into a database of its own, in which nothing is installed: this is about the new system.
  if ! complaint=$(pacman --config /run/arch-install/pacman.conf --dbpath /run/arch-install --sync --refresh --print --noconfirm "${packages[@]}" 2>&1 > /dev/null); then
    printf '%s\n' "$complaint" >&2
    die "the packages cannot be installed: ${complaint//$'\n'/; }; nothing was changed"
  fi
}

prepare_storage() {
  section '[5/14] Partition and format /dev/vda'
  sfdisk --wipe always --wipe-partitions always "$root_device" <<'EOF'
label: dos
/dev/vda1 : type=83, bootable
EOF
  # The kernel makes the devices of the partitions, and udev the links to them, where there is udev.
  if [[ -e /run/udev/control ]]; then
    udevadm settle
  fi
  mkfs.ext4 "$root_partition"
  mount "$root_partition" /mnt
}

install_packages() {
  section '[6/14] Install the packages'
  # mkinitcpio reads these when the kernel is installed.
  mkdir --parents /mnt/etc/mkinitcpio.conf.d
  printf '%s\n' KEYMAP=us > /mnt/etc/vconsole.conf
  printf '%s\n' 'MODULES+=(virtio_pci virtio_blk virtio_scsi nvme ahci sd_mod)' > /mnt/etc/mkinitcpio.conf.d/vm.conf
  mkdir --parents /mnt/var/lib/pacman
  cp --archive /run/arch-install/sync /mnt/var/lib/pacman/
  pacstrap "$keyring" -C /run/arch-install/pacman.conf /mnt "${packages[@]}"
}

write_fstab() {
  section '[7/14] Write /etc/fstab'
  genfstab -U /mnt >> /mnt/etc/fstab
}

configure_locale() {
  section '[8/14] Configure the locale'
  local line pattern
  local lines=('en_US.UTF-8 UTF-8')
  for line in "${lines[@]}"; do
    pattern=${line//./'\.'}
    sed --in-place "s/^# *\($pattern\) *$/\1/" /mnt/etc/locale.gen
    grep --quiet --fixed-strings --line-regexp "$line" /mnt/etc/locale.gen ||
      die "there is no locale $line in /etc/locale.gen"
  done
  arch-chroot /mnt locale-gen
  printf '%s\n' LANG=en_US.UTF-8 > /mnt/etc/locale.conf
}

configure_time() {
  section '[9/14] Configure the time'
  [[ -f /mnt/usr/share/zoneinfo/UTC ]] || die 'there is no time zone UTC'
  ln --symbolic --force /usr/share/zoneinfo/UTC /mnt/etc/localtime
  # The machine's own clock keeps UTC. hwclock, which says the same, would wait for the next second.
  write_file /mnt/etc/adjtime <<'EOF'
0.0 0 0
0
UTC
EOF
}

configure_network() {
  section '[10/14] Configure the network'
  printf '%s\n' testvm > /mnt/etc/hostname
  write_file /mnt/etc/systemd/network/20-wired.network <<'EOF'
[Match]
Driver=virtio_net e1000 e1000e

[Network]
DHCP=yes
EOF
  # Not from within: there, arch-chroot mounts this system's file over it.
  ln --symbolic --force ../run/systemd/resolve/stub-resolv.conf /mnt/etc/resolv.conf
}

configure_services() {
  section '[11/14] Configure the services'
  # systemd's package makes it when it is installed. DHCP asks for an address in its name.
  [[ -s /mnt/etc/machine-id ]] || arch-chroot /mnt systemd-machine-id-setup
  # All of SysRq: a kernel that hangs is what this machine is for.
  printf '%s\n' 'kernel.sysrq = 1' > /mnt/etc/sysctl.d/50-sysrq.conf
  local services=(systemd-networkd.service systemd-resolved.service sshd.service)
  # To enter the new system takes longer than this; a host that is no live system may have no systemctl.
  if command -v systemctl > /dev/null; then
    systemctl --quiet --root=/mnt enable "${services[@]}"
  else
    arch-chroot /mnt systemctl enable "${services[@]}"
  fi
}

create_users() {
  section '[12/14] Create the users'
  # xfstests works as this user in some of its tests.
  chroot /mnt useradd --create-home fsgqa
  chroot /mnt chpasswd <<< "root:$root_password"
}

install_boot_loader() {
  section '[13/14] Install the boot loader'
  arch-chroot /mnt grub-install --target=i386-pc "$root_device"
  write_file /mnt/etc/default/grub <<'EOF'
GRUB_DEFAULT=0
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR="Arch"
GRUB_DISABLE_RECOVERY=true

# The menu and the system are on the serial console as well as on the screen.
GRUB_TERMINAL="console serial"
GRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200"
GRUB_CMDLINE_LINUX_DEFAULT=""
GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"
EOF
  arch-chroot /mnt grub-mkconfig --output=/boot/grub/grub.cfg
}

finish() {
  section '[14/14] Unmount the new system'
  umount --recursive /mnt
  rm --recursive --force /run/arch-install
}

main() {
  check_system
  ask_questions
  prepare_pacman
  check_packages
  prepare_storage
  install_packages
  write_fstab
  configure_locale
  configure_time
  configure_network
  configure_services
  create_users
  install_boot_loader
  finish
  printf '==> arch-install done: %s is installed on %s\n' "$host_name" "$root_device"
}

main
