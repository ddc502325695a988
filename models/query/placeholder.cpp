namespace faultline {}
