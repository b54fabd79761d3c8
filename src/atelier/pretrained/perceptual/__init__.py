"""The perceptual network: the features of style losses and style metrics, the same in every framework."""
