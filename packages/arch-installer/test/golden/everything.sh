#!/usr/bin/env bash
# shellcheck disable=SC1003,SC2016
# Installs Arch Linux on /dev/nvme0n1, for the host testvm. Made by arch-install.
# To be run as root in the live system of Arch Linux: bash FILE. It stops where something fails, and can be run again.
set -euo pipefail
set -o errtrace
shopt -s inherit_errexit
umask 022
export LC_ALL=C.UTF-8
export http_proxy=http://10.0.2.2:3128
export https_proxy=http://10.0.2.2:3128
export no_proxy=10.0.2.2,localhost

host_name=testvm
root_device=/dev/nvme0n1
root_partition=/dev/nvme0n1p1
# What pacstrap does about the keyring: with -G nothing, where packages need no signatures.
keyring=-G

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
  section '[1/15] Check this system'
  local tool source devices kind type mounted
  ((EUID == 0)) || die "this has to be run as root"
  for tool in pacstrap genfstab arch-chroot tar mkfs.btrfs mkfs.fat; do
    command -v "$tool" > /dev/null || die "$tool is missing: run this in the live system of Arch Linux"
  done
  if [[ -e /usr/share/zoneinfo/UTC && ! -f /usr/share/zoneinfo/Europe/Berlin ]]; then
    grep --quiet --extended-regexp '^(Z|L [^ ]+) Europe/Berlin( |$)' /usr/share/zoneinfo/tzdata.zi 2> /dev/null ||
      die 'there is no time zone Europe/Berlin'
  fi

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

prepare_pacman() {
  section '[2/15] Prepare pacman: mirrors, clock, keyring'
  local clock_was_wrong=no levels state
  # archiso's reflector would write a list of its own over this one. pacstrap copies it to the new system.
  if [[ -d /run/systemd/system && -e /usr/lib/systemd/system/reflector.service ]]; then
    systemctl stop reflector.service
  fi
  write_file /etc/pacman.d/mirrorlist <<'EOF'
Server = https://mirror.example/$repo/os/$arch
Server = http://10.0.2.2:8080/$repo/os/$arch
EOF

  # pacman 7 downloads as another user, in a sandbox that needs a kernel with Landlock. pacstrap does without as well.
  rm --recursive --force /run/arch-install
  mkdir /run/arch-install
  sed 's/^[[:space:]]*DownloadUser/#&/' /etc/pacman.conf > /run/arch-install/pacman.conf

  local server date seconds error
  local believed=no
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
    believed=yes
    break
  done
  local unproven=(http://10.0.2.2:8080)
  for server in "${unproven[@]}"; do
    [[ $believed == no ]] || break
    date=$(curl --silent --head --max-time 10 --output /dev/null --write-out '%header{date}' "$server") || continue
    seconds=$(date --utc --date="${date:?}" +%s) || continue
    error=$((seconds - EPOCHSECONDS))
    if ((error > 60 || error < -60)); then
      printf 'This clock is %d s behind that of %s, where anyone may answer: it stays as it is.\n' "$error" "$server"
      printf 'If packages are refused as not yet or no longer signed, set it with date(1), or add a mirror with https.\n'
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
  section '[3/15] Check the packages'
  local complaint
  packages=(
    # the system
    base openssh rsync btrfs-progs
    # a kernel of its own, and what boots it
    linux mkinitcpio grub dosfstools
    # development
    base-devel asciidoc cscope gdb git ltrace perf python strace vim
    # xfstests
    acl attr bc fio libaio psmisc xfsprogs
    # users who become root
    sudo
    # asked for
    tmux blktests
    # carried by this script
    hello
  )
  # The first of all repositories. What this script carries needs no signature.
  write_file /run/arch-install/arch-install.conf <<'EOF'
[arch-install]
SigLevel = Never
Server = file:///run/arch-install

[options]
Include = /run/arch-install/pacman.conf
EOF
  mkdir /run/arch-install/hello-1.0-1
  write_file /run/arch-install/hello-1.0-1/desc <<'EOF'
%FILENAME%
hello-1.0-1-any.pkg.tar.gz

%NAME%
hello

%VERSION%
1.0-1

%CSIZE%
9

%ARCH%
any

EOF
  tar --create --file=/run/arch-install/arch-install.db --directory=/run/arch-install --remove-files hello-1.0-1
  # Into a database of its own, in which nothing is installed: this is about the new system.
  if ! complaint=$(pacman --config /run/arch-install/arch-install.conf --dbpath /run/arch-install --sync --refresh --print --noconfirm "${packages[@]}" 2>&1 > /dev/null); then
    printf '%s\n' "$complaint" >&2
    die "the packages cannot be installed: ${complaint//$'\n'/; }; nothing was changed"
  fi
}

prepare_storage() {
  section '[4/15] Partition and format /dev/nvme0n1'
  sfdisk --wipe always --wipe-partitions always "$root_device" <<'EOF'
label: gpt
/dev/nvme0n1p2 : size=1MiB, type=21686148-6449-6E6F-744E-656564454649
/dev/nvme0n1p3 : size=128MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
/dev/nvme0n1p1 : type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709
EOF
  # The kernel makes the devices of the partitions, and udev the links to them, where there is udev.
  if [[ -e /run/udev/control ]]; then
    udevadm settle
  fi
  mkfs.btrfs --label 'my root' "$root_partition"
  mount "$root_partition" /mnt
  mkfs.fat -F 32 /dev/nvme0n1p3
  mount --mkdir /dev/nvme0n1p3 /mnt/efi
}

install_packages() {
  section '[6/15] Install the packages'
  # mkinitcpio reads these when the kernel is installed.
  mkdir --parents /mnt/etc/mkinitcpio.conf.d
  printf '%s\n' KEYMAP=us > /mnt/etc/vconsole.conf
  printf '%s\n' 'MODULES+=(virtio_pci virtio_blk virtio_scsi nvme ahci sd_mod)' > /mnt/etc/mkinitcpio.conf.d/vm.conf
  mkdir --parents /mnt/var/lib/pacman
  cp --archive /run/arch-install/sync /mnt/var/lib/pacman/
  pacstrap "$keyring" -C /run/arch-install/arch-install.conf /mnt "${packages[@]}"
  rm /mnt/var/lib/pacman/sync/arch-install.db
}

write_fstab() {
  section '[7/15] Write /etc/fstab'
  genfstab -U /mnt >> /mnt/etc/fstab
  # The next kernel may have other character sets for /efi than this one, or no FAT at all: it boots all the same.
  sed --in-place --regexp-extended '/\svfat\s/ { s/,(iocharset|codepage)=[^,[:space:]]*//g; s/\svfat\s+/&nofail,/ }' /mnt/etc/fstab
}

configure_locale() {
  section '[8/15] Configure the locale'
  local line pattern
  local lines=('de_DE.UTF-8 UTF-8' 'en_US.UTF-8 UTF-8')
  for line in "${lines[@]}"; do
    pattern=${line//./'\.'}
    sed --in-place "s/^# *\($pattern\) *$/\1/" /mnt/etc/locale.gen
    grep --quiet --fixed-strings --line-regexp "$line" /mnt/etc/locale.gen ||
      die "there is no locale $line in /etc/locale.gen"
  done
  arch-chroot /mnt locale-gen
  printf '%s\n' LANG=de_DE.UTF-8 > /mnt/etc/locale.conf
}

configure_time() {
  section '[9/15] Configure the time'
  [[ -f /mnt/usr/share/zoneinfo/Europe/Berlin ]] || die 'there is no time zone Europe/Berlin'
  ln --symbolic --force /usr/share/zoneinfo/Europe/Berlin /mnt/etc/localtime
  # The machine's own clock keeps UTC. hwclock, which says the same, would wait for the next second.
  write_file /mnt/etc/adjtime <<'EOF'
0.0 0 0
0
UTC
EOF
}

configure_network() {
  section '[10/15] Configure the network'
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
  section '[11/15] Configure the services'
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
  mkdir --parents /mnt/etc/systemd/system/serial-getty@ttyS0.service.d
  write_file /mnt/etc/systemd/system/serial-getty@ttyS0.service.d/autologin.conf <<'EOF'
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin me --keep-baud 115200,57600,38400,9600 - $TERM
EOF
}

create_users() {
  section '[12/15] Create the users'
  # xfstests works as this user in some of its tests.
  chroot /mnt useradd --create-home fsgqa
  chroot /mnt useradd --create-home --groups wheel me
  printf '%s\n' 'me ALL=(ALL:ALL) NOPASSWD: ALL' > /mnt/etc/sudoers.d/10-me
  chmod 440 /mnt/etc/sudoers.d/10-me
  chroot /mnt useradd --create-home --groups wheel you
  printf '%s\n' 'you ALL=(ALL:ALL) NOPASSWD: ALL' > /mnt/etc/sudoers.d/10-you
  chmod 440 /mnt/etc/sudoers.d/10-you
  install --directory --mode=700 /mnt/root/.ssh
  printf '%s\n' 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGFyY2gtaW5zdGFsbGVyIHRlc3Qga2V5Li4uLi4u me@here' > /mnt/root/.ssh/authorized_keys
  chmod 600 /mnt/root/.ssh/authorized_keys
  install --directory --mode=700 /mnt/home/me/.ssh
  printf '%s\n' 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGFyY2gtaW5zdGFsbGVyIHRlc3Qga2V5Li4uLi4u me@here' > /mnt/home/me/.ssh/authorized_keys
  chmod 600 /mnt/home/me/.ssh/authorized_keys
  chroot /mnt chown --recursive me: /home/me/.ssh
  install --directory --mode=700 /mnt/home/you/.ssh
  printf '%s\n' 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGFyY2gtaW5zdGFsbGVyIHRlc3Qga2V5Li4uLi4u me@here' > /mnt/home/you/.ssh/authorized_keys
  chmod 600 /mnt/home/you/.ssh/authorized_keys
  chroot /mnt chown --recursive you: /home/you/.ssh
  chroot /mnt chpasswd <<'EOF'
root:it's "$HOME" `x` \ EOF
EOF
}

install_boot_loader() {
  section '[13/15] Install the boot loader'
  arch-chroot /mnt grub-install --target=i386-pc "$root_device"
  # Where every firmware looks: the variables of a virtual machine's firmware do not outlive it.
  arch-chroot /mnt grub-install --target=x86_64-efi --efi-directory=/efi --removable --no-nvram
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

run_commands() {
  section '[14/15] Run the commands asked for'
  arch-chroot /mnt bash -euo pipefail -c 'echo "it'\''s $HOME" > /root/ran'
  arch-chroot /mnt bash -euo pipefail -c 'true
false || true'
}

finish() {
  section '[15/15] Unmount the new system'
  umount --recursive /mnt
  rm --recursive --force /run/arch-install
}

unpack_local_packages() {
  section '[5/15] Unpack hello'
  mkdir --parents /mnt/var/cache/pacman/pkg
  base64 --decode > /mnt/var/cache/pacman/pkg/hello-1.0-1-any.pkg.tar.gz <<'EOF'
YSBwYWNrYWdl
EOF
}

main() {
  check_system
  prepare_pacman
  check_packages
  prepare_storage
  unpack_local_packages
  install_packages
  write_fstab
  configure_locale
  configure_time
  configure_network
  configure_services
  create_users
  install_boot_loader
  run_commands
  finish
  printf '==> arch-install done: %s is installed on %s\n' "$host_name" "$root_device"
}

main
