namespace fastqr {}
