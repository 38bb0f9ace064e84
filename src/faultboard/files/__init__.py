"""Files that are whole or absent: hashes, downloads, writing beside."""
