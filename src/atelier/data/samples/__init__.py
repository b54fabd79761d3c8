"""Sample images: seeded, plainly synthetic photos and paintings, so that everything runs offline."""
