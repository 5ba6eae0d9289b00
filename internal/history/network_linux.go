package history

import "golang.org/x/sys/unix"

// networks are the file systems that another computer serves, by the numbers
// of statfs(2).
var networks = map[int64]bool{
	unix.NFS_SUPER_MAGIC:  true,
	0xFF534D42:            true, // CIFS
	unix.SMB2_SUPER_MAGIC: true,
	unix.SMB_SUPER_MAGIC:  true,
	unix.AFS_SUPER_MAGIC:  true,
	unix.CODA_SUPER_MAGIC: true,
	unix.V9FS_MAGIC:       true, // a host's folder in a virtual machine
	0x00C36400:            true, // Ceph
	unix.FUSE_SUPER_MAGIC: true, // sshfs and others; on a local one nothing is lost
}

func networkFolder(dir string) bool {
	var s unix.Statfs_t
	return unix.Statfs(dir, &s) == nil && networks[int64(uint32(s.Type))]
}
