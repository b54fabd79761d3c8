"""The perceptual network: what style losses and style metrics see images through, the same in every framework."""
