make_packages() { :; }
