"""Face editing: a StyleGAN2-type generator, a pSp encoder, and a direction in the latent space for each attribute."""
